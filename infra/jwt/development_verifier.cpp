#include "infra/jwt/development_verifier.hpp"

namespace danwa::infra {

domain::Result<domain::Credential> DevelopmentVerifier::verify(std::string_view token) const {
  auto user = domain::UserId::parse(std::string{token});
  if (!user) {
    return domain::fail(domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "authorization",
                                            "The bearer token is not valid."});
  }
  return domain::Credential{.company = domain::CompanyId::trusted(kCompany),
                            .user = std::move(*user),
                            .stores = {},
                            .grants = std::nullopt,
                            .expires_at = std::nullopt,
                            .trusted = true};
}

domain::Result<domain::Credential> DevelopmentVerifier::verify_absent() const {
  return domain::Credential{.company = domain::CompanyId::trusted(kCompany),
                            .user = domain::UserId::trusted("anonymous"),
                            .stores = {},
                            .grants = std::nullopt,
                            .expires_at = std::nullopt,
                            .anonymous = true};
}

}  // namespace danwa::infra
