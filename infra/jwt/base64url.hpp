#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danwa::infra {

/// base64url of RFC 4648 section 5 without padding, the form that JWS uses.
std::string to_base64url(std::string_view bytes);

/// Strict: padding, other alphabets, white space and stray bits at the end give nothing, so a byte string has exactly
/// one spelling. The empty text is the empty byte string.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace danwa::infra
