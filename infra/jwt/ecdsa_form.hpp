#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danwa::infra {

/// The DER form OpenSSL wants of a JWS ES256 signature (r||s, exactly 64 bytes); nothing otherwise.
std::optional<std::string> to_der(std::string_view r_and_s);

/// r||s, 64 bytes, of a DER signature that OpenSSL made.
std::string from_der(std::string_view der);

}  // namespace danwa::infra
