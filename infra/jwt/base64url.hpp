#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danwa::infra {

/// base64url of RFC 4648 section 5 without padding, as JWS wants it.
std::string to_base64url(std::string_view bytes);

/// Strict: no padding, no other alphabet, no white space, no stray bits at the end (so one byte string
/// has one spelling); nothing for anything else. The empty text is the empty byte string.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace danwa::infra
