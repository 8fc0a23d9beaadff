#include "adapters/controllers/caller.hpp"

#include "adapters/controllers/query.hpp"
#include "adapters/http/bearer.hpp"

namespace danwa::adapters {

using domain::Credential;
using domain::Result;

Result<Credential> identify(const http::Request& request, const usecase::TokenVerifier& tokens) {
  auto token = http::bearer_token(request);
  if (!token) return domain::fail(std::move(token).error());
  return *token ? tokens.verify(**token) : tokens.verify_absent();
}

Result<Credential> identify_writer(const http::Request& request, const usecase::TokenVerifier& tokens) {
  auto who = identify(request, tokens);
  if (who && who->anonymous) {
    return domain::fail(domain::DomainError{domain::ErrorKind::unauthenticated, "token-required", "authorization",
                                            "This needs a bearer token."});
  }
  if (!who) return who;
  Query query{request};
  static_cast<void>(query.position());  // what is written is written at the end anyway; checked all the same
  if (query.errors()) return domain::fail(*query.errors());
  return who;
}

}  // namespace danwa::adapters
