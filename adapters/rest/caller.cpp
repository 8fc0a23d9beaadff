#include "adapters/rest/caller.hpp"

#include <utility>

#include "adapters/http/bearer.hpp"
#include "adapters/http/conditional.hpp"
#include "adapters/http/origin_check.hpp"
#include "adapters/rest/query.hpp"

namespace danwa::adapters {

// Everything that a handler asks about the sender of a request: the caller, the key for retries, the preconditions, and
// the position that the client has seen. The token is verified once, by the router, before the body is read; its lease
// lies in the request.

usecase::Async<std::optional<domain::Position>> attach_position(const usecase::ReadPosition& read,
                                                                std::optional<domain::Position> seen) {
  if (!seen) co_return std::nullopt;
  auto now = co_await read.execute();
  if (!now) co_return std::nullopt;
  co_return std::move(*now);
}

domain::Result<std::optional<std::string>> read_idempotency_key(const http::Request& request) {
  if (request.count_header("idempotency-key") > 1) {
    return domain::fail(domain::DomainError{domain::ErrorKind::malformed, "idempotency-key-repeated", "Idempotency-Key",
                                            "Idempotency-Key must be sent once."});
  }
  const auto value = request.header("idempotency-key");
  if (!value) return std::optional<std::string>{};
  return std::optional<std::string>{std::string{*value}};
}

namespace {

using Outcome = http::Preconditions::Outcome;

domain::Errors version_mismatch(std::uint64_t version) {
  return domain::DomainError{domain::ErrorKind::precondition_failed, "version-mismatch", "comment",
                             "The comment has version " + std::to_string(version) + " now."};
}

domain::Result<void> check(const http::Preconditions& conditions, const usecase::Target& target) {
  std::optional<http::Representation> selected;
  if (target.exists) selected.emplace(http::Representation{std::nullopt, target.modified_at});
  if (target.exists && target.version) selected->etag = http::to_etag(*target.version);
  const auto outcome = conditions.evaluate(selected);
  if (outcome == Outcome::go_on) return {};
  if (outcome == Outcome::no_match && target.version) return domain::fail(version_mismatch(*target.version));
  return domain::fail(http::precondition_failed());
}

}  // namespace

domain::Result<usecase::Precondition> read_precondition(const http::Request& request) {
  auto conditions = http::Preconditions::read(request);
  if (!conditions) return domain::fail(std::move(conditions).error());
  if (conditions->empty()) return usecase::Precondition{};
  return usecase::Precondition{
      [conditions = std::move(*conditions)](const usecase::Target& target) { return check(conditions, target); }};
}

using domain::fail;
using domain::Result;
using usecase::LeasePtr;

Result<void> check_way(const http::Request& request, const usecase::TokenVerifier& tokens) {
  if (tokens.proves() || !http::is_forwarded_from_afar(request.headers)) return {};
  return fail(http::development_behind_proxy());
}

Result<LeasePtr> lease_of(const http::Request& request, const usecase::TokenVerifier& tokens) {
  if (auto way = check_way(request, tokens); !way) return fail(std::move(way).error());
  auto token = http::bearer_token(request);
  if (!token) return fail(std::move(token).error());
  return *token ? tokens.lease(**token) : tokens.lease_absent();
}

Result<LeasePtr> let_in(const http::Request& head, http::CallerNeed need, const usecase::TokenVerifier& tokens) {
  auto lease = lease_of(head, tokens);
  if (!lease || need != http::CallerNeed::writer) return lease;
  if (auto named = domain::require_named((*lease)->who()); !named) return fail(std::move(named).error());
  Query query{head};
  static_cast<void>(query.position());
  if (query.errors()) return fail(*query.errors());
  return lease;
}

}  // namespace danwa::adapters
