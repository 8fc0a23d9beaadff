#pragma once

#include <compare>
#include <string>
#include <utility>

#include "domain/core/result.hpp"

namespace danwa::domain {

/// Names a conversation inside its company: 1 to 254 code points of UTF-8, no control characters,
/// not `.` or `..` (URL clients remove those). Compared byte by byte, no Unicode normalisation.
class ConversationKey {
 public:
  static constexpr std::size_t kMax = 254;  ///< code points

  static Result<ConversationKey> parse(std::string text);
  static ConversationKey trusted(std::string text) { return ConversationKey{std::move(text)}; }

  const std::string& value() const { return value_; }

  friend auto operator<=>(const ConversationKey&, const ConversationKey&) = default;

 private:
  explicit ConversationKey(std::string value) : value_{std::move(value)} {}
  std::string value_;
};

/// A retry with the same key, company and user gets the first answer again.
struct IdempotencyKey {
  std::string key;           ///< 1 to 255 visible ASCII characters
  std::string request_hash;  ///< of the parsed input: distinguishes a retry from another request
};

/// Succeeds if `key` comes with the same request as before, which had the hash `earlier`. An empty `earlier` fits every
/// request, because the hash is deleted with a redacted text. Errors: `idempotency-key-reused` (validation, resource
/// "Idempotency-Key").
inline Result<void> same_request(const IdempotencyKey& key, const std::string& earlier) {
  if (earlier.empty() || earlier == key.request_hash) return {};
  return fail(validation_error("idempotency-key-reused", "Idempotency-Key",
                               "This Idempotency-Key came with another request before."));
}

}  // namespace danwa::domain
