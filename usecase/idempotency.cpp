#include "usecase/idempotency.hpp"

#include <algorithm>

#include "usecase/request_hash.hpp"

namespace danwa::usecase {
namespace {

constexpr std::size_t kMaxLength = 255;

}  // namespace

domain::Result<std::optional<IdempotencyKey>> parse_idempotency_key(std::optional<std::string> key,
                                                                    std::initializer_list<std::string_view> fields) {
  if (!key) return std::optional<IdempotencyKey>{};
  const bool visible = std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (key->empty() || key->size() > kMaxLength || !visible) {
    return domain::fail(domain::validation_error("idempotency-key-invalid", "Idempotency-Key",
                                                 "Idempotency-Key must be 1 to 255 visible ASCII characters."));
  }
  return std::optional<IdempotencyKey>{IdempotencyKey{std::move(*key), request_hash(fields)}};
}

}  // namespace danwa::usecase
