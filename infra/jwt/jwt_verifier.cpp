#include "infra/jwt/jwt_verifier.hpp"

#include <stdexcept>

#include "infra/jwt/key_file.hpp"
#include "infra/jwt/token_text.hpp"
#include "infra/jwt/verified_tokens.hpp"

namespace danwa::infra {
namespace {

using domain::fail;
using domain::Result;

domain::Errors unauthenticated(const char* code, const char* message) {
  return domain::DomainError{domain::ErrorKind::unauthenticated, code, "authorization", message};
}

JwtAlgorithm algorithm_of(const JwtOptions& options) {
  const auto algorithm = parse_algorithm(options.algorithm);
  if (!algorithm) {
    throw std::runtime_error{"auth.jwt.algorithm is \"" + options.algorithm + "\"; HS256, RS256 or ES256 is needed"};
  }
  if (options.key_file.empty() == options.jwks_file.empty()) {
    throw std::runtime_error{"auth.jwt needs either key_file or jwks_file"};
  }
  if (options.leeway_seconds < 0 || options.leeway_seconds > 300) {
    throw std::runtime_error{"auth.jwt.leeway_seconds must be 0 to 300"};
  }
  return *algorithm;
}

}  // namespace

class JwtVerifier::State {
 public:
  State(JwtOptions options, adapters::Logger& log, adapters::Metrics& metrics, const usecase::Clock& clock)
      : algorithm_{algorithm_of(options)},
        rules_{options.audience, options.issuer, std::chrono::seconds{options.leeway_seconds}},
        keys_{options.jwks_file.empty() ? options.key_file : options.jwks_file,
              [algorithm = algorithm_, jwks = !options.jwks_file.empty()](std::string_view bytes) {
                return jwks ? KeySet::from_jwks(algorithm, bytes) : KeySet::from_key_file(algorithm, bytes);
              },
              options.look_every, log},
        log_{log},
        metrics_{metrics},
        clock_{clock} {}

  tl::expected<domain::Credential, Refusal> check(std::string_view token) {
    const auto keys = keys_.keys();
    const auto now = clock_.now();
    if (auto known = verified_.find(token, keys, now)) return std::move(*known);
    const auto parts = TokenText::split(token);
    if (!parts) return tl::unexpected{parts.error()};
    const auto kid = read_header(parts->header, algorithm_);
    if (!kid) return tl::unexpected{kid.error()};
    if (!keys->verifies(*kid, parts->signed_part, parts->signature)) return tl::unexpected<Refusal>{"bad-signature"};
    auto who = read_claims(parts->payload, rules_, now);
    if (who) verified_.remember(token, keys, *who);
    return who;
  }

  void note(Refusal why) {
    metrics_.tokens_refused.add();
    log_.debug("auth.token_refused", {{"why", why}});
  }

 private:
  const JwtAlgorithm algorithm_;
  const ClaimRules rules_;
  KeyFile keys_;
  VerifiedTokens verified_;
  adapters::Logger& log_;
  adapters::Metrics& metrics_;
  const usecase::Clock& clock_;
};

JwtVerifier::JwtVerifier(JwtOptions options, adapters::Logger& log, adapters::Metrics& metrics,
                         const usecase::Clock& clock)
    : state_{std::make_unique<State>(std::move(options), log, metrics, clock)} {}

JwtVerifier::~JwtVerifier() = default;

Result<domain::Credential> JwtVerifier::verify(std::string_view token) const {
  auto who = state_->check(token);
  if (who) return std::move(*who);
  state_->note(who.error());
  return fail(unauthenticated("token-invalid", "The bearer token is not valid."));
}

Result<domain::Credential> JwtVerifier::verify_absent() const {
  return fail(unauthenticated("token-required", "This needs a bearer token."));
}

}  // namespace danwa::infra
