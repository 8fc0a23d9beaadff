#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/jwt/key.hpp"

namespace danwa::infra {

/// The keys that may have signed a token. Immutable, thread safe.
class KeySet {
 public:
  /// A secret, with and without the line end that an editor may have left behind it; or a PEM public key.
  static KeySet from_key_file(JwtAlgorithm algorithm, std::string_view bytes);

  /// The keys of a JWK set (RFC 7517) that fit `algorithm`: by `kty`, and by `alg`, `use`, `crv` where
  /// given. Throws std::runtime_error when none fits, one that fits is weak, or two share a `kid`.
  static KeySet from_jwks(JwtAlgorithm algorithm, std::string_view json);

  /// True when a key that `kid` allows verifies the signature. In a JWK set `kid` picks the key; without
  /// one the set must have exactly one. With a key file `kid` means nothing.
  bool verifies(const std::optional<std::string>& kid, std::string_view input, std::string_view signature) const;

  std::size_t size() const { return keys_.size(); }

 private:
  struct Named {
    std::optional<std::string> kid;
    Key key;
  };
  std::vector<Named> keys_;
  bool by_kid_ = false;
};

}  // namespace danwa::infra
