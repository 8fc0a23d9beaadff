#include "adapters/controllers/caller.hpp"

#include "adapters/controllers/query.hpp"
#include "adapters/http/bearer.hpp"
#include "adapters/http/forwarded.hpp"

namespace danwa::adapters {

using domain::Credential;
using domain::fail;
using domain::Result;
using usecase::LeasePtr;

namespace {

domain::Errors token_required() {
  return domain::DomainError{domain::ErrorKind::unauthenticated, "token-required", "authorization",
                             "This needs a bearer token."};
}

}  // namespace

Result<void> check_way(const http::Request& request, const usecase::TokenVerifier& tokens) {
  if (tokens.proves() || !http::is_forwarded_from_afar(request.headers)) return {};
  return fail(http::development_behind_proxy());
}

Result<LeasePtr> lease_of(const http::Request& request, const usecase::TokenVerifier& tokens) {
  if (request.lease) {
    if (const auto why = request.lease->ended()) return fail(usecase::credential_ended(*why));
    return request.lease;
  }
  if (auto way = check_way(request, tokens); !way) return fail(std::move(way).error());
  auto token = http::bearer_token(request);
  if (!token) return fail(std::move(token).error());
  return *token ? tokens.lease(**token) : tokens.lease_absent();
}

Result<Credential> identify(const http::Request& request, const usecase::TokenVerifier& tokens) {
  auto lease = lease_of(request, tokens);
  if (!lease) return fail(std::move(lease).error());
  return (*lease)->who();
}

Result<Credential> identify_writer(const http::Request& request, const usecase::TokenVerifier& tokens) {
  auto who = identify(request, tokens);
  if (who && who->anonymous) return fail(token_required());
  return who;
}

Result<LeasePtr> let_in(const http::Request& head, http::CallerNeed need, const usecase::TokenVerifier& tokens) {
  auto lease = lease_of(head, tokens);
  if (!lease || need != http::CallerNeed::writer) return lease;
  if ((*lease)->who().anonymous) return fail(token_required());
  Query query{head};
  static_cast<void>(query.position());
  if (query.errors()) return fail(*query.errors());
  return lease;
}

}  // namespace danwa::adapters
