#include "infra/jwt/verified_tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <functional>

namespace danwa::infra {

std::size_t VerifiedTokens::make_seed() {
  std::size_t seed = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  return seed;
}

std::size_t VerifiedTokens::slot_of(std::string_view token) const {
  // The end of a token is its signature, whose bytes are as good as random.
  const auto tail = token.substr(token.size() - std::min<std::size_t>(token.size(), 48));
  std::size_t hash = seed_;
  for (const char c : tail) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return (hash ^ (hash >> 29)) % kSlots;
}

VerifiedTokens::ProofPtr VerifiedTokens::find(std::string_view token, const std::shared_ptr<const KeySet>& keys,
                                              domain::Timestamp now) const {
  const auto index = slot_of(token);
  const std::lock_guard lock{locks_[index % kLocks]};
  const Slot& slot = slots_[index];
  const bool same = slot.proof && slot.token.size() == token.size() &&
                    CRYPTO_memcmp(slot.token.data(), token.data(), token.size()) == 0;
  if (!same || slot.keys != keys || now >= *slot.proof->who.expires_at) return nullptr;
  return slot.proof;
}

void VerifiedTokens::remember(std::string_view token, std::shared_ptr<const KeySet> keys, ProofPtr proof) {
  if (token.size() > kMaxToken) return;
  const auto index = slot_of(token);
  const std::lock_guard lock{locks_[index % kLocks]};
  slots_[index] = Slot{std::string{token}, std::move(keys), std::move(proof)};
}

}  // namespace danwa::infra
