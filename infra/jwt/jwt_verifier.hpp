#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::jwt {

struct JwtOptions {
  std::string algorithm;                      ///< "HS256", "RS256" or "ES256": fixed here, never by the token
  std::string key_file;                       ///< HS256: the secret's bytes, 32 or more; else a PEM public key
  std::string jwks_file;                      ///< instead of `key_file` for RS256 and ES256: a JWK set (RFC 7517)
  std::string audience;                       ///< required `aud`; empty: a token with `aud` is refused
  std::string issuer;                         ///< required `iss`; empty: not checked
  int leeway_seconds = 0;                     ///< tolerance for `exp` and `nbf`, 0 to 300
  std::chrono::milliseconds look_every{250};  ///< least time between two checks of the key file's stamp

  /// A token ends this long after its `iat`, even if its `exp` is later. A token without `iat` is refused if its `exp`
  /// is further away than this. 0: no bound.
  std::chrono::seconds max_lifetime{0};
};

/// Verifies JSON Web Tokens (RFC 7519, 7515, 8725). Thread safe.
///
/// Claims: `sub` (user) and `company` and `exp` are required; `stores` (list of texts), `grants` (list of
/// `{"conversations": "pattern", "verbs": ["read", "send", ...]}`), `nbf`, `iat`, `aud`, `iss` are optional.
/// Keys are read at the start and again when their file changes. If the file becomes unreadable, the old keys stay
/// valid and an error is logged. A lease ends with its token, or when its key is removed from the file. Every refusal
/// is `token-invalid`. Its reason is logged at info, each at most once a second; the token never.
class JwtVerifier final : public usecase::TokenVerifier {
 public:
  /// Throws std::runtime_error with one line if the options or the keys are unusable.
  JwtVerifier(JwtOptions options, adapters::Logger& log, adapters::Metrics& metrics, const usecase::Clock& clock);
  ~JwtVerifier() override;

  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override;
  domain::Result<usecase::LeasePtr> lease_absent() const override;

  /// Starts a thread that calls `tend` every `look_every`, and whenever a lease ends. So the key file is checked even
  /// without requests, and the owners of leases learn of the end. Call it once.
  void start();
  void stop() override;  ///< ends the thread

  /// Checks the key file and ends the leases that are due or revoked.
  void tend();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// For a developer's own machine: the bearer string itself is the user, in company `demo`. A request without a token is
/// by `anonymous`, who may read. It proves nothing, so it is only for servers bound to loopback. Thread safe.
class DevelopmentVerifier final : public usecase::TokenVerifier {
 public:
  static constexpr const char* kCompany = "demo";

  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override;
  domain::Result<usecase::LeasePtr> lease_absent() const override;
  bool proves() const override { return false; }
};

}  // namespace danwa::jwt
