#include "infra/jwt/jwt_verifier.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "infra/jwt/key_set.hpp"
#include "infra/jwt/token_text.hpp"
#include "usecase/leases.hpp"

// A token is verified once. Its proof (`JwtProof`) remembers the key that verified it, and is valid while the key set
// contains that key. So replacing keys needs no second look at a signature, even with thousands of live streams: the
// comparison of fingerprints suffices.
//
// The order of the checks is fixed: size and form, header, signature, claims. No claim of an unverified token is used.
// `lease` reads the generation of the keys before the keys, so a change in between makes a proof look older than it is:
// it is then checked against the new keys, never skipped.

namespace danwa::jwt {
namespace {

using domain::fail;
using domain::Result;

domain::Errors token_invalid() {
  return domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "authorization",
                             "The bearer token is not valid."};
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

/// A verified token.
class JwtProof final : public usecase::Proof {
 public:
  JwtProof(domain::Credential credential, KeyUse use, std::shared_ptr<const KeyFile> keys, std::uint64_t generation)
      : Proof{std::move(credential)}, use_{std::move(use)}, keys_{std::move(keys)}, generation_{generation} {}

  bool holds() const override { return keys_->generation() == generation_ || keys_->current()->allows(use_); }

 private:
  const KeyUse use_;
  const std::shared_ptr<const KeyFile> keys_;
  const std::uint64_t generation_;  // of the keys, not after the verification
};

std::shared_ptr<KeyFile> open_keys(const JwtOptions& options, JwtAlgorithm algorithm, adapters::Logger& log) {
  const bool jwks = !options.jwks_file.empty();
  auto parse = [algorithm, jwks](std::string_view bytes) {
    return jwks ? KeySet::from_jwks(algorithm, bytes) : KeySet::from_key_file(algorithm, bytes);
  };
  return std::make_shared<KeyFile>(jwks ? options.jwks_file : options.key_file, std::move(parse), options.look_every,
                                   log);
}

/// One thread that repeats `step`: after the pause that `step` returns, or sooner when woken.
class Keeper {
 public:
  using Step = std::function<std::chrono::milliseconds()>;

  ~Keeper() { stop(); }
  void stop() {
    {
      const std::lock_guard lock{mutex_};
      stops_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }
  void start(Step step) {
    thread_ = std::thread{[this, step = std::move(step)] { run(step); }};
  }
  void wake() {
    {
      const std::lock_guard lock{mutex_};
      woken_ = true;
    }
    changed_.notify_one();
  }

 private:
  void run(const Step& step) {
    std::unique_lock lock{mutex_};
    while (!stops_) {
      woken_ = false;
      lock.unlock();
      const auto pause = step();
      lock.lock();
      changed_.wait_for(lock, pause, [this] { return woken_ || stops_; });
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace

class JwtVerifier::State {
 public:
  State(JwtOptions options, adapters::Logger& log, adapters::Metrics& metrics, const usecase::Clock& clock)
      : algorithm_{algorithm_of(options)},
        rules_{options.audience, options.issuer, std::chrono::seconds{options.leeway_seconds}, options.max_lifetime},
        look_every_{options.look_every},
        keys_{open_keys(options, algorithm_, log)},
        leases_{std::make_shared<usecase::Leases>(clock, [keeper = keeper_] { keeper->wake(); })},
        refusals_{log},
        log_{log},
        metrics_{metrics},
        clock_{clock} {}

  tl::expected<usecase::LeasePtr, Refusal> lease(std::string_view token) {
    const auto generation = keys_->generation();
    const auto keys = keys_->keys();
    const auto now = clock_.now();
    if (auto known = verified_.find(token, keys, now)) return leases_->grant(std::move(known));
    const auto parts = TokenText::split(token);
    if (!parts) return tl::unexpected{parts.error()};
    const auto kid = read_header(parts->header, algorithm_);
    if (!kid) return tl::unexpected{kid.error()};
    auto use = keys->verify(*kid, parts->signed_part, parts->signature);
    if (!use) return tl::unexpected<Refusal>{"bad-signature"};
    auto who = read_claims(parts->payload, rules_, now);
    if (!who) return tl::unexpected{who.error()};
    auto proof = std::make_shared<const JwtProof>(std::move(*who), std::move(*use), keys_, generation);
    verified_.remember(token, keys, proof);
    return leases_->grant(std::move(proof));
  }

  void note(Refusal why) {
    metrics_.tokens_refused.add();
    refusals_.note(why, clock_.now());
  }

  void tend() {
    static_cast<void>(keys_->keys());
    const auto generation = keys_->generation();
    if (generation != rechecked_) {
      const auto ended = leases_->recheck();
      rechecked_ = generation;
      if (ended > 0) log_.info("auth.leases_revoked", {{"leases", ended}});
    }
    leases_->advance();
  }

  void start() {
    keeper_->start([this] {
      tend();
      return until_next();
    });
  }

  void stop() { keeper_->stop(); }

 private:
  /// The time until the next round. At most `look_every_`, because the wall clock may be set meanwhile.
  std::chrono::milliseconds until_next() const {
    const auto next = leases_->next();
    constexpr std::chrono::milliseconds kAtLeast{1};
    const auto at_most = std::max(look_every_, kAtLeast);
    return next ? std::clamp<std::chrono::milliseconds>(*next - clock_.now(), kAtLeast, at_most) : at_most;
  }

  const JwtAlgorithm algorithm_;
  const ClaimRules rules_;
  const std::chrono::milliseconds look_every_;
  const std::shared_ptr<KeyFile> keys_;
  const std::shared_ptr<Keeper> keeper_ = std::make_shared<Keeper>();  // shared: leases may outlive this and wake it
  const std::shared_ptr<usecase::Leases> leases_;
  VerifiedTokens verified_;
  std::uint64_t rechecked_ = 0;  // generation of the keys at the last recheck of leases; used by `tend` alone
  RefusalLog refusals_;
  adapters::Logger& log_;
  adapters::Metrics& metrics_;
  const usecase::Clock& clock_;
};

JwtVerifier::JwtVerifier(JwtOptions options, adapters::Logger& log, adapters::Metrics& metrics,
                         const usecase::Clock& clock)
    : state_{std::make_unique<State>(std::move(options), log, metrics, clock)} {}

JwtVerifier::~JwtVerifier() { state_->stop(); }

void JwtVerifier::start() { state_->start(); }
void JwtVerifier::stop() { state_->stop(); }

void JwtVerifier::tend() { state_->tend(); }

Result<usecase::LeasePtr> JwtVerifier::lease(std::string_view token) const {
  auto lease = state_->lease(token);
  if (lease) return std::move(*lease);
  state_->note(lease.error());
  return fail(token_invalid());
}

Result<usecase::LeasePtr> JwtVerifier::lease_absent() const { return fail(domain::token_required()); }

domain::Result<usecase::LeasePtr> DevelopmentVerifier::lease(std::string_view token) const {
  auto user = domain::UserId::parse(std::string{token});
  if (!user) return fail(token_invalid());
  return usecase::endless_lease({.company = domain::CompanyId::trusted(kCompany),
                                 .user = std::move(*user),
                                 .stores = {},
                                 .grants = std::nullopt,
                                 .expires_at = std::nullopt,
                                 .trusted = true});
}

domain::Result<usecase::LeasePtr> DevelopmentVerifier::lease_absent() const {
  return usecase::endless_lease({.company = domain::CompanyId::trusted(kCompany),
                                 .user = domain::UserId::trusted("anonymous"),
                                 .stores = {},
                                 .grants = std::nullopt,
                                 .expires_at = std::nullopt,
                                 .anonymous = true});
}

}  // namespace danwa::jwt
