#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/jwt/key.hpp"

namespace danwa::infra {

/// The key that verified a token. It suffices to decide whether another key set would verify that token, without its
/// signature.
struct KeyUse {
  std::optional<std::string> kid;  ///< of the token
  Key::Fingerprint key{};
};

/// The keys that may have signed a token. Immutable, thread safe.
class KeySet {
 public:
  /// A secret, with and without the line end that an editor may have appended; or a PEM public key.
  static KeySet from_key_file(JwtAlgorithm algorithm, std::string_view bytes);

  /// The keys of a JWK set (RFC 7517) that `algorithm` can use. Other keys are left out, as section 5 says, and listed
  /// in `skipped`: keys with another `kty`, `crv`, `alg`, `use` or `key_ops`, weak or private keys, keys without a
  /// needed member, keys with a `kid` that an earlier one has. Throws std::runtime_error if the text is not a JWK set
  /// or no key is left.
  static KeySet from_jwks(JwtAlgorithm algorithm, std::string_view json);

  /// The key that verifies the signature; nullopt if none does. In a JWK set `kid` selects the key; without a `kid` the
  /// set must have exactly one key. With a key file `kid` is ignored.
  std::optional<KeyUse> verify(const std::optional<std::string>& kid, std::string_view input,
                               std::string_view signature) const;

  /// True if this set verifies the tokens that `use` verified.
  bool allows(const KeyUse& use) const;

  std::size_t size() const { return keys_.size(); }

  struct Skipped {
    std::string kid;  ///< or `#` and its position in the set, from 1, if it has none
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
