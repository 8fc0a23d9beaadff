#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "infra/jwt/algorithm.hpp"

struct evp_pkey_st;
struct evp_mac_ctx_st;

namespace danwa::infra {

/// One key, ready for one algorithm. Immutable, thread safe. Every maker throws std::runtime_error with
/// one clear line (never with key material) when the key does not fit the algorithm or is too weak:
/// secrets under 32 bytes, RSA under 2,048 bits or with a degenerate exponent, any curve but P-256.
class Key {
 public:
  static Key secret(std::string_view bytes);
  static Key public_pem(JwtAlgorithm algorithm, std::string_view pem);
  static Key private_pem(JwtAlgorithm algorithm, std::string_view pem);
  static Key rsa(std::string_view n, std::string_view e);   ///< big-endian numbers of a JWK
  static Key p256(std::string_view x, std::string_view y);  ///< 32 bytes each

  /// True when `signature` (JWS form: ES256 is r||s) is that of `input` under this key.
  bool verifies(std::string_view input, std::string_view signature) const;

  /// JWS form of the signature; needs a secret or a private key. Throws as the makers do.
  std::string sign(std::string_view input) const;

 private:
  explicit Key(JwtAlgorithm algorithm) : algorithm_{algorithm} {}
  void check() const;
  std::string mac(std::string_view input) const;

  JwtAlgorithm algorithm_;
  std::shared_ptr<evp_pkey_st> pkey_;      // RS256, ES256
  std::shared_ptr<evp_mac_ctx_st> keyed_;  // HS256: keyed once, copied for each use
};

}  // namespace danwa::infra
