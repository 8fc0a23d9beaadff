#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "infra/jwt/key_set.hpp"
#include "usecase/leases.hpp"

namespace danwa::infra {

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

}  // namespace danwa::infra
