#pragma once

#include "usecase/ports/token_verifier.hpp"

namespace danwa::infra {

/// For a developer's own machine: the bearer string itself is the user, company `demo`; without a token
/// one is `anonymous` and may read. Proves nothing: only for servers bound to loopback. Thread safe.
class DevelopmentVerifier final : public usecase::TokenVerifier {
 public:
  static constexpr const char* kCompany = "demo";

  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override;
  domain::Result<usecase::LeasePtr> lease_absent() const override;
  bool proves() const override { return false; }
};

}  // namespace danwa::infra
