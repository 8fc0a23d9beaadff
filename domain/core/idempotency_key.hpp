#pragma once

#include <string>

#include "domain/core/result.hpp"

namespace danwa::domain {

/// A retry with the same key, company and user gets the first answer again.
struct IdempotencyKey {
  std::string key;           ///< 1 to 255 visible ASCII characters
  std::string request_hash;  ///< of the parsed input: tells a retry from another request
};

/// Whether `key` came with the request that it came with first, whose hash was `earlier`. An empty `earlier` fits every
/// request: the hash goes with a text that was redacted. Errors: `idempotency-key-reused` (validation, resource
/// "Idempotency-Key").
inline Result<void> same_request(const IdempotencyKey& key, const std::string& earlier) {
  if (earlier.empty() || earlier == key.request_hash) return {};
  return fail(validation_error("idempotency-key-reused", "Idempotency-Key",
                               "This Idempotency-Key came with another request before."));
}

}  // namespace danwa::domain
