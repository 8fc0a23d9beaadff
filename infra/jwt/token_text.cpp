#include "infra/jwt/token_text.hpp"

#include <algorithm>
#include <cmath>

#include "adapters/protocol/http/fields.hpp"
#include "adapters/protocol/json/json_reader.hpp"
#include "domain/core/text.hpp"

// The checks of a token's text, header and claims as pure functions; the signature is checked elsewhere. Each failure
// has a fixed text for the log, so an operator sees the cause and the log never contains a part of a token. Unknown
// claims are ignored (RFC 7519), but a header with `crit` is refused (RFC 7515). The token and the lists in it are
// bounded. Times are compared with the tolerance `leeway`, and the end of a token never lies beyond the year 9999, so
// no later calculation overflows.

namespace danwa::jwt {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxEntries = 64;  // of `stores`, of `grants`, and of the verbs of a grant
constexpr domain::TextRules kPatternRules{"conversations", 254, false};

std::optional<std::string> read_pattern(const json& grant) {
  if (grant.contains("conversations") == grant.contains("pattern")) return std::nullopt;  // exactly one
  const auto& value = grant.contains("pattern") ? grant["pattern"] : grant["conversations"];
  if (!value.is_string()) return std::nullopt;
  auto pattern = domain::parse_text(value.get<std::string>(), kPatternRules);
  if (!pattern) return std::nullopt;
  return std::move(*pattern);
}

std::optional<std::vector<domain::Verb>> read_verbs(const json& grant) {
  const auto list = grant.find("verbs");
  if (list == grant.end() || !list->is_array() || list->size() > kMaxEntries) return std::nullopt;
  std::vector<domain::Verb> verbs;
  for (const auto& name : *list) {
    const auto verb = name.is_string() ? domain::parse_verb(name.get_ref<const std::string&>()) : std::nullopt;
    if (verb) verbs.push_back(*verb);
  }
  return verbs;
}

}  // namespace

std::optional<std::vector<domain::StoreId>> read_stores(const json& claims) {
  std::vector<domain::StoreId> stores;
  const auto list = claims.find("stores");
  if (list == claims.end()) return stores;
  if (!list->is_array() || list->size() > kMaxEntries) return std::nullopt;
  for (const auto& name : *list) {
    if (!name.is_string()) return std::nullopt;
    auto store = domain::StoreId::parse(name.get<std::string>());
    if (!store) return std::nullopt;
    stores.push_back(std::move(*store));
  }
  return stores;
}

std::optional<std::vector<domain::Grant>> read_grants(const json& list) {
  if (!list.is_array() || list.size() > kMaxEntries) return std::nullopt;
  std::vector<domain::Grant> grants;
  for (const auto& grant : list) {
    if (!grant.is_object()) return std::nullopt;
    auto pattern = read_pattern(grant);
    auto verbs = read_verbs(grant);
    if (!pattern || !verbs) return std::nullopt;
    grants.push_back({std::move(*pattern), std::move(*verbs)});
  }
  return grants;
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
namespace http = adapters::http;

constexpr std::size_t kMaxKid = 255;  // bytes
constexpr adapters::JsonLimits kJsonLimits{.max_bytes = TokenText::kMax, .max_depth = 8};
constexpr double kMaxTime = 253402300799.0;  // 9999-12-31T23:59:59Z
constexpr seconds kMaxIssuedAhead{60};       // an issuer's clock may run ahead

tl::unexpected<Refusal> refuse(Refusal why) { return tl::unexpected<Refusal>{why}; }

domain::Timestamp at_second(double seconds_since_1970) {
  return domain::Timestamp{milliseconds{static_cast<std::int64_t>(seconds_since_1970 * 1000.0)}};
}

/// A NumericDate of RFC 7519: seconds since 1970, fractions allowed.
std::optional<domain::Timestamp> to_time(const json& value) {
  if (!value.is_number()) return std::nullopt;
  const auto number = value.get<double>();
  if (!std::isfinite(number) || number < 0 || number > kMaxTime) return std::nullopt;
  return at_second(number);
}

/// The time at which the token ends. The claims must have passed `check_times`.
domain::Timestamp end_of(const json& claims, const ClaimRules& rules) {
  auto end = *to_time(claims["exp"]);
  if (rules.max_lifetime > seconds{0} && claims.contains("iat")) {
    end = std::min<domain::Timestamp>(end, *to_time(claims["iat"]) + rules.max_lifetime);
  }
  return std::min<domain::Timestamp>(end + rules.leeway, at_second(kMaxTime));
}

/// Refuses a token that lives too long. Without `iat` its age is unknown, so its `exp` must be near.
std::optional<Refusal> check_lifetime(const json& claims, const ClaimRules& rules, domain::Timestamp now) {
  if (rules.max_lifetime == seconds{0}) return std::nullopt;
  if (!claims.contains("iat")) {
    return *to_time(claims["exp"]) > now + rules.max_lifetime ? std::optional<Refusal>{"lives-too-long"} : std::nullopt;
  }
  return now >= end_of(claims, rules) ? std::optional<Refusal>{"too-old"} : std::nullopt;
}

std::optional<Refusal> check_times(const json& claims, const ClaimRules& rules, domain::Timestamp now) {
  const seconds leeway = rules.leeway;
  if (!claims.contains("exp")) return "exp-absent";
  const auto expires = to_time(claims["exp"]);
  if (!expires) return "exp-invalid";
  if (now >= *expires + leeway) return "expired";
  if (claims.contains("nbf")) {
    const auto from = to_time(claims["nbf"]);
    if (!from) return "nbf-invalid";
    if (now + leeway < *from) return "not-yet-valid";
  }
  if (claims.contains("iat")) {
    const auto issued = to_time(claims["iat"]);
    if (!issued) return "iat-invalid";
    if (*issued > now + leeway + kMaxIssuedAhead) return "issued-in-the-future";
    if (*issued > *expires) return "issued-after-expiry";
  }
  return check_lifetime(claims, rules, now);
}

bool names_audience(const json& aud, const std::string& wanted) {
  if (aud.is_string()) return aud.get_ref<const std::string&>() == wanted;
  if (!aud.is_array()) return false;
  bool found = false;
  for (const auto& one : aud) {
    if (!one.is_string()) return false;
    found = found || one.get_ref<const std::string&>() == wanted;
  }
  return found;
}

std::optional<Refusal> check_parties(const json& claims, const ClaimRules& rules) {
  const bool has_audience = claims.contains("aud");
  if (rules.audience.empty() && has_audience) return "aud-unexpected";
  if (!rules.audience.empty() && (!has_audience || !names_audience(claims["aud"], rules.audience)))
    return "aud-mismatch";
  if (claims.contains("iss") && !claims["iss"].is_string()) return "iss-invalid";
  if (!rules.issuer.empty() && (!claims.contains("iss") || claims["iss"] != rules.issuer)) return "iss-mismatch";
  return std::nullopt;
}

/// A media type whose `application/` may be left out. Its case does not matter (RFC 2045 section 5.1).
bool is_token_type(std::string_view typ) {
  constexpr std::string_view kPrefix = "application/";
  if (http::equals_ignoring_case(typ.substr(0, kPrefix.size()), kPrefix)) typ.remove_prefix(kPrefix.size());
  return http::equals_ignoring_case(typ, "jwt") || http::equals_ignoring_case(typ, "at+jwt");
}

template <class Id>
std::optional<Id> read_id(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_string()) return std::nullopt;
  auto id = Id::parse(found->get<std::string>());
  if (!id) return std::nullopt;
  return std::move(*id);
}

}  // namespace

tl::expected<TokenText, Refusal> TokenText::split(std::string_view token) {
  if (token.size() > kMax) return refuse("too-long");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refuse("not-three-parts");
  }
  auto header = from_base64url(token.substr(0, first));
  auto payload = from_base64url(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!header || !payload || !signature) return refuse("not-base64url");
  if (signature->empty()) return refuse("unsigned");
  return TokenText{std::move(*header), std::move(*payload), std::move(*signature), token.substr(0, second)};
}

tl::expected<std::optional<std::string>, Refusal> read_header(std::string_view text, JwtAlgorithm algorithm) {
  const auto header = adapters::read_json_tree(text, kJsonLimits);
  if (!header) return refuse("header-not-json");
  const auto alg = header->find("alg");
  if (alg == header->end() || !alg->is_string() || *alg != to_string(algorithm)) return refuse("other-algorithm");
  if (header->contains("crit") || header->contains("b64")) return refuse("critical-extension");
  if (const auto typ = header->find("typ"); typ != header->end()) {
    if (!typ->is_string() || !is_token_type(typ->get_ref<const std::string&>())) return refuse("other-type");
  }
  const auto kid = header->find("kid");
  if (kid == header->end()) return std::optional<std::string>{};
  if (!kid->is_string() || kid->get_ref<const std::string&>().size() > kMaxKid) return refuse("kid-invalid");
  return std::optional<std::string>{kid->get<std::string>()};
}

tl::expected<domain::Credential, Refusal> read_claims(std::string_view text, const ClaimRules& rules,
                                                      domain::Timestamp now) {
  const auto claims = adapters::read_json_tree(text, kJsonLimits);
  if (!claims) return refuse("claims-not-json");
  if (const auto why = check_times(*claims, rules, now)) return refuse(*why);
  if (const auto why = check_parties(*claims, rules)) return refuse(*why);
  auto user = read_id<domain::UserId>(*claims, "sub");
  if (!user) return refuse("sub-invalid");
  auto company = read_id<domain::CompanyId>(*claims, "company");
  if (!company) return refuse("company-invalid");
  auto stores = read_stores(*claims);
  if (!stores) return refuse("stores-invalid");
  domain::Credential who{.company = std::move(*company),
                         .user = std::move(*user),
                         .stores = std::move(*stores),
                         .grants = std::nullopt,
                         .expires_at = std::nullopt};
  if (claims->contains("grants")) {
    auto grants = read_grants((*claims)["grants"]);
    if (!grants) return refuse("grants-invalid");
    who.grants = std::move(*grants);
  }
  who.expires_at = end_of(*claims, rules);
  return who;
}

}  // namespace danwa::jwt
