#pragma once

#include "usecase/ports/token_verifier.hpp"

namespace danwa::infra {

/// For a developer's own machine: the bearer string itself is the user, in company `demo`. A request without a token is
/// by `anonymous`, who may read. It proves nothing, so it is only for servers bound to loopback. Thread safe.
class DevelopmentVerifier final : public usecase::TokenVerifier {
 public:
  static constexpr const char* kCompany = "demo";

  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override;
  domain::Result<usecase::LeasePtr> lease_absent() const override;
  bool proves() const override { return false; }
};

}  // namespace danwa::infra
