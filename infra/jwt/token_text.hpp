#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"
#include "domain/account/credential.hpp"
#include "domain/core/time.hpp"
#include "infra/jwt/signature.hpp"

namespace danwa::jwt {

/// The claim `stores`: absent, or a list of at most 64 store ids. Returns nullopt if it is malformed.
std::optional<std::vector<domain::StoreId>> read_stores(const nlohmann::json& claims);

/// The claim `grants`: a list of at most 64 `{"conversations": pattern, "verbs": [...]}` (`pattern` is another name of
/// `conversations`). Returns nullopt if it is malformed. An unknown verb is ignored, because an issuer may be newer
/// than this node.
std::optional<std::vector<domain::Grant>> read_grants(const nlohmann::json& list);

/// The reason for which a token is refused, for the log: a fixed text, never a part of the token.
using Refusal = std::string_view;

/// The three parts of a compact JWS (RFC 7515 section 7.1), decoded and not verified.
struct TokenText {
  static constexpr std::size_t kMax = 8192;  ///< bytes of the whole token

  std::string header;
  std::string payload;
  std::string signature;
  std::string_view signed_part;  ///< points into the text that was split

  static tl::expected<TokenText, Refusal> split(std::string_view token);
};

/// Checks the header: `alg` must be `algorithm`, no `crit`, no `b64`, `typ` absent, `JWT` or `at+jwt` (RFC 9068), in
/// any case and with or without `application/` in front (RFC 7515 section 4.1.9).
/// Returns its `kid`. Keys named or embedded there (`jwk`, `jku`, `x5u`, `x5c`) are ignored.
tl::expected<std::optional<std::string>, Refusal> read_header(std::string_view json, JwtAlgorithm algorithm);

/// Requirements for the claims of a token.
struct ClaimRules {
  std::string audience;  ///< empty: a token with `aud` is refused
  std::string issuer;    ///< empty: not checked
  std::chrono::seconds leeway{0};
  std::chrono::seconds max_lifetime{0};  ///< see JwtOptions
};

/// The credential in the claims, if they are valid at `now`. Times are within the years 1970 to 9999.
tl::expected<domain::Credential, Refusal> read_claims(std::string_view json, const ClaimRules& rules,
                                                      domain::Timestamp now);

/// Logs the reasons of refused tokens at info, each reason at most once a second. So a flood of bad tokens neither
/// fills the log nor hides another reason. Thread safe.
class RefusalLog {
 public:
  explicit RefusalLog(adapters::Logger& log) : log_{log} {}

  void note(Refusal why, domain::Timestamp now) {
    std::int64_t left_out = 0;
    {
      const std::lock_guard lock{mutex_};
      auto& [last, more] = reasons_[why];
      // `now >= *last`: after the clock was set back the log must not stay silent.
      if (last && now >= *last && now - *last < kEvery) {
        ++more;
        return;
      }
      last = now;
      left_out = std::exchange(more, 0);
    }
    std::vector<adapters::LogField> fields{{"why", why}};
    if (left_out > 0) fields.emplace_back("left_out", left_out);
    log_.info("auth.token_refused", std::move(fields));
  }

 private:
  static constexpr std::chrono::seconds kEvery{1};
  struct Reason {
    std::optional<domain::Timestamp> last;
    std::int64_t left_out = 0;  // lines left out since `last`
  };

  adapters::Logger& log_;
  std::mutex mutex_;                   // all io threads refuse tokens; held for a lookup
  std::map<Refusal, Reason> reasons_;  // about forty fixed texts
};

}  // namespace danwa::jwt
