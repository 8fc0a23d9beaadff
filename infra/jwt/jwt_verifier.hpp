#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/token_verifier.hpp"

namespace danwa::infra {

struct JwtOptions {
  std::string algorithm;                      ///< "HS256", "RS256" or "ES256": fixed here, never by the token
  std::string key_file;                       ///< HS256: the secret's bytes, 32 or more; else a PEM public key
  std::string jwks_file;                      ///< instead of `key_file` for RS256 and ES256: a JWK set (RFC 7517)
  std::string audience;                       ///< must be in `aud`; empty: a token with `aud` is refused
  std::string issuer;                         ///< must equal `iss`; empty: not checked
  int leeway_seconds = 0;                     ///< tolerance for `exp` and `nbf`, 0 to 300
  std::chrono::milliseconds look_every{250};  ///< how often the key file's stamp is looked at, at most

  /// A token ends this long after its `iat`, whatever its `exp` says; one without `iat` is refused while its `exp` is
  /// further away than that. 0: no bound.
  std::chrono::seconds max_lifetime{0};
};

/// Verifies JSON Web Tokens (RFC 7519, 7515, 8725). Thread safe.
///
/// Claims: `sub` (user) and `company` and `exp` are required; `stores` (list of texts), `grants` (list of
/// `{"conversations": "pattern", "verbs": ["read", "send", ...]}`), `nbf`, `iat`, `aud`, `iss` are optional.
/// Keys are read at the start and again when their file changes; a file that became unreadable leaves the old keys in
/// force and is logged. A lease ends with its token, or when the key that verified it is not in the file any more.
/// Every refusal is `token-invalid`; its reason is logged at info, at most once a second each, never the token.
class JwtVerifier final : public usecase::TokenVerifier {
 public:
  /// Throws std::runtime_error with one clear line when the options or the keys are unusable.
  JwtVerifier(JwtOptions options, adapters::Logger& log, adapters::Metrics& metrics, const usecase::Clock& clock);
  ~JwtVerifier() override;

  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override;
  domain::Result<usecase::LeasePtr> lease_absent() const override;

  /// Starts the one thread that looks at the key file while no request comes, and tells the owners of leases of
  /// their ends: `tend` every `look_every`, and whenever a lease ends. Once.
  void start();

  /// One round of it.
  void tend();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace danwa::infra
