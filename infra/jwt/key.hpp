#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "infra/jwt/signature.hpp"

struct evp_pkey_st;
struct evp_mac_ctx_st;

namespace danwa::jwt {

/// One key, ready for one algorithm. Immutable, thread safe. Every maker throws std::runtime_error with one line (never
/// with key material) if the key does not fit the algorithm or is too weak: a secret under 32 bytes, RSA under 2,048
/// bits or with a degenerate exponent, any curve except P-256.
class Key {
 public:
  static Key secret(std::string_view bytes);
  static Key public_pem(JwtAlgorithm algorithm, std::string_view pem);
  static Key private_pem(JwtAlgorithm algorithm, std::string_view pem);
  static Key rsa(std::string_view n, std::string_view e);   ///< big-endian numbers of a JWK
  static Key p256(std::string_view x, std::string_view y);  ///< 32 bytes each

  /// True if `signature` (JWS form: ES256 is r||s) is valid for `input` under this key.
  bool verifies(std::string_view input, std::string_view signature) const;

  /// SHA-256 of the public key (DER, RFC 5280 SubjectPublicKeyInfo) or of the secret: it identifies the key.
  using Fingerprint = std::array<unsigned char, 32>;
  const Fingerprint& fingerprint() const { return fingerprint_; }

  /// JWS form of the signature; needs a secret or a private key. Throws as the makers do.
  std::string sign(std::string_view input) const;

 private:
  explicit Key(JwtAlgorithm algorithm) : algorithm_{algorithm} {}
  void check();
  void take_fingerprint(std::string_view of);
  std::string mac(std::string_view input) const;

  JwtAlgorithm algorithm_;
  Fingerprint fingerprint_{};
  std::shared_ptr<evp_pkey_st> pkey_;      // RS256, ES256
  std::shared_ptr<evp_mac_ctx_st> keyed_;  // HS256: keyed once, copied for each use
};

/// A secret's file without the line end that an editor may have appended.
std::string_view without_line_end(std::string_view text);

}  // namespace danwa::jwt
