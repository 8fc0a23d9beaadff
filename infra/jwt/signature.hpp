#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danwa::jwt {

/// The accepted signature algorithms of RFC 7518.
enum class JwtAlgorithm { hs256, rs256, es256 };

inline std::string_view to_string(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::hs256:
      return "HS256";
    case JwtAlgorithm::rs256:
      return "RS256";
    case JwtAlgorithm::es256:
      return "ES256";
  }
  return "";
}

inline std::optional<JwtAlgorithm> parse_algorithm(std::string_view name) {
  for (const auto algorithm : {JwtAlgorithm::hs256, JwtAlgorithm::rs256, JwtAlgorithm::es256}) {
    if (name == to_string(algorithm)) return algorithm;
  }
  return std::nullopt;
}

/// base64url of RFC 4648 section 5 without padding, the form that JWS uses.
std::string to_base64url(std::string_view bytes);

/// Strict: padding, other alphabets, white space and stray bits at the end give nothing, so a byte string has exactly
/// one spelling. The empty text is the empty byte string.
std::optional<std::string> from_base64url(std::string_view text);

/// The DER form, which OpenSSL needs, of a JWS ES256 signature (r||s, exactly 64 bytes). Returns nullopt for any other
/// size.
std::optional<std::string> to_der(std::string_view r_and_s);

/// The JWS form (r||s, 64 bytes) of a DER signature made by OpenSSL.
std::string from_der(std::string_view der);

}  // namespace danwa::jwt
