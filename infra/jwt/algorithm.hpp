#pragma once

#include <optional>
#include <string_view>

namespace danwa::infra {

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

}  // namespace danwa::infra
