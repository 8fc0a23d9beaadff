#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/jwt/key.hpp"

namespace danwa::infra {

/// What of a key set a verified token rests on: enough to tell whether another set would verify it, too, without its
/// signature.
struct KeyUse {
  std::optional<std::string> kid;  ///< of the token
  Key::Fingerprint key{};
};

/// The keys that may have signed a token. Immutable, thread safe.
class KeySet {
 public:
  /// A secret, with and without the line end that an editor may have left behind it; or a PEM public key.
  static KeySet from_key_file(JwtAlgorithm algorithm, std::string_view bytes);

  /// The keys of a JWK set (RFC 7517) that `algorithm` can use. One that it cannot is left out, as section 5 says: of
  /// another `kty`, `crv`, `alg`, `use` or `key_ops`, weak, private, without a member that it needs, of a `kid` that
  /// stood before; `skipped` tells of it. Throws std::runtime_error when the text is no JWK set or no key is left.
  static KeySet from_jwks(JwtAlgorithm algorithm, std::string_view json);

  /// What verifies the signature; nothing when no key that `kid` allows does. In a JWK set `kid` picks the key;
  /// without one the set must have exactly one. With a key file `kid` means nothing.
  std::optional<KeyUse> verify(const std::optional<std::string>& kid, std::string_view input,
                               std::string_view signature) const;

  /// True when this set, too, verifies the tokens that rest on `use`.
  bool allows(const KeyUse& use) const;

  std::size_t size() const { return keys_.size(); }

  struct Skipped {
    std::string kid;  ///< or `#` and its place in the set, from 1, when it has none
    std::string why;
  };
  const std::vector<Skipped>& skipped() const { return skipped_; }

 private:
  struct Named {
    std::optional<std::string> kid;
    Key key;
  };
  bool picks(const Named& named, const std::optional<std::string>& kid) const;

  std::vector<Named> keys_;
  std::vector<Skipped> skipped_;
  bool by_kid_ = false;
};

}  // namespace danwa::infra
