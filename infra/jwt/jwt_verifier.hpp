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
  std::string algorithm;                       ///< "HS256", "RS256" or "ES256": fixed here, never by the token
  std::string key_file;                        ///< HS256: the secret's bytes, 32 or more; else a PEM public key
  std::string jwks_file;                       ///< instead of `key_file` for RS256 and ES256: a JWK set (RFC 7517)
  std::string audience;                        ///< must be in `aud`; empty: a token with `aud` is refused
  std::string issuer;                          ///< must equal `iss`; empty: not checked
  int leeway_seconds = 0;                      ///< tolerance for `exp` and `nbf`, 0 to 300
  std::chrono::milliseconds look_every{1000};  ///< how often the key file's stamp is looked at, at most
};

/// Verifies JSON Web Tokens (RFC 7519, 7515, 8725). Thread safe.
///
/// Claims: `sub` (user) and `company` and `exp` are required; `stores` (list of texts), `grants` (list of
/// `{"conversations": "pattern", "verbs": ["read", "send", ...]}`), `nbf`, `iat`, `aud`, `iss` are optional.
/// Keys are read at the start and again when their file changes (looked at once a second at most); a
/// file that became unreadable leaves the old keys in force and is logged. Every refusal is
/// `token-invalid`; its reason is logged at debug, never the token.
class JwtVerifier final : public usecase::TokenVerifier {
 public:
  /// Throws std::runtime_error with one clear line when the options or the keys are unusable.
  JwtVerifier(JwtOptions options, adapters::Logger& log, adapters::Metrics& metrics, const usecase::Clock& clock);
  ~JwtVerifier() override;

  domain::Result<domain::Credential> verify(std::string_view token) const override;
  domain::Result<domain::Credential> verify_absent() const override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace danwa::infra
