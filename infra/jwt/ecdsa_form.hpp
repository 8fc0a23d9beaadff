#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danwa::infra {

/// The DER form, which OpenSSL needs, of a JWS ES256 signature (r||s, exactly 64 bytes). Returns nullopt for any other
/// size.
std::optional<std::string> to_der(std::string_view r_and_s);

/// The JWS form (r||s, 64 bytes) of a DER signature made by OpenSSL.
std::string from_der(std::string_view der);

}  // namespace danwa::infra
