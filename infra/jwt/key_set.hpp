#pragma once

#include <sys/stat.h>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/jwt/key.hpp"
#include "usecase/leases.hpp"

namespace danwa::jwt {

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

/// The keys of a file, read again after its stamp (device, inode, size, mtime) has changed. If the new file is broken,
/// the old keys stay valid and one error is logged. Thread safe.
class KeyFile {
 public:
  using Parse = std::function<KeySet(std::string_view bytes)>;

  /// Throws std::runtime_error if the file cannot be read or parsed.
  KeyFile(std::string path, Parse parse, std::chrono::milliseconds look_every, adapters::Logger& log);

  /// Checks the file, unless it did so within `look_every`, and returns the keys.
  std::shared_ptr<const KeySet> keys();

  /// The keys, without a check of the file.
  std::shared_ptr<const KeySet> current() const;

  /// Grows with every new set.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    std::int64_t modified = 0;  // ns
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  Stamp stamp() const;
  std::shared_ptr<const KeySet> read() const;
  void look();

  const std::string path_;
  const Parse parse_;
  const std::chrono::milliseconds look_every_;
  adapters::Logger& log_;
  mutable std::mutex mutex_;  // many io threads read; held for a pointer copy, longer only when the file has changed
  std::chrono::steady_clock::time_point next_look_;
  Stamp seen_;
  std::shared_ptr<const KeySet> keys_;
  std::atomic<std::uint64_t> generation_{0};
};

/// A cache of verified tokens: a client that sends one token with every request costs one signature check. It is direct
/// mapped with 1,024 slots of one token each; a new token replaces the old one. An entry is valid for the key set that
/// verified it, until the token expires. Thread safe.
class VerifiedTokens {
 public:
  VerifiedTokens() : seed_{make_seed()} {}

  using ProofPtr = std::shared_ptr<const usecase::Proof>;

  /// Null: not in the cache, or not valid any more.
  ProofPtr find(std::string_view token, const std::shared_ptr<const KeySet>& keys, domain::Timestamp now) const;
  void remember(std::string_view token, std::shared_ptr<const KeySet> keys, ProofPtr proof);

 private:
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kLocks = 16;
  static constexpr std::size_t kMaxToken = 2048;  // bytes; longer ones are verified each time

  struct Slot {
    std::string token;
    std::shared_ptr<const KeySet> keys;
    ProofPtr proof;
  };
  static std::size_t make_seed();
  std::size_t slot_of(std::string_view token) const;

  const std::size_t seed_;  // random, so a client cannot choose tokens that replace another's
  mutable std::array<std::mutex, kLocks> locks_;
  std::array<Slot, kSlots> slots_;
};

}  // namespace danwa::jwt
