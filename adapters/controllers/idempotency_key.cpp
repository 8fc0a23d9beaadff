#include "adapters/controllers/idempotency_key.hpp"

namespace danwa::adapters {

domain::Result<std::optional<std::string>> read_idempotency_key(const http::Request& request) {
  if (request.count_header("idempotency-key") > 1) {
    return domain::fail(domain::DomainError{domain::ErrorKind::malformed, "idempotency-key-repeated", "Idempotency-Key",
                                            "Idempotency-Key must be sent once."});
  }
  const auto value = request.header("idempotency-key");
  if (!value) return std::optional<std::string>{};
  return std::optional<std::string>{std::string{*value}};
}

}  // namespace danwa::adapters
