#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "app/danwa/commands.hpp"
#include "domain/core/text.hpp"
#include "infra/jwt/make_token.hpp"
#include "infra/system/identity.hpp"

namespace danwa::tool {
namespace {

std::string read_key(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) throw std::runtime_error{"cannot read the key file " + file};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// Parses `team-*:read,send`. The last colon separates pattern and verbs, because a key may contain colons.
domain::Grant parse_grant(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    throw std::runtime_error{"\"" + text + "\" is no grant; PATTERN:verb,verb is expected, e.g. team-*:read,send"};
  }
  domain::Grant grant{text.substr(0, colon), {}};
  for (std::size_t at = colon + 1; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    const auto verb = domain::parse_verb(text.substr(at, end - at));
    if (!verb)
      throw std::runtime_error{"a grant's verbs are read, send, moderate and notify, not \"" +
                               text.substr(at, end - at) + '"'};
    grant.verbs.push_back(*verb);
    at = end + 1;
  }
  return grant;
}

}  // namespace

std::optional<std::chrono::seconds> parse_ttl(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto number = domain::parse_number<std::int64_t>(std::string_view{text}.substr(0, text.size() - 1));
  if (!number || *number <= 0 || *number > 100'000'000) return std::nullopt;
  switch (text.back()) {
    case 's':
      return std::chrono::seconds{*number};
    case 'm':
      return std::chrono::minutes{*number};
    case 'h':
      return std::chrono::hours{*number};
    case 'd':
      return std::chrono::days{*number};
    default:
      return std::nullopt;
  }
}

std::function<std::string(const std::string& user)> token_maker(const TokenOptions& options) {
  const auto ttl = parse_ttl(options.ttl);
  if (!ttl) throw std::runtime_error{"\"" + options.ttl + "\" is no lifetime; a number and s, m, h or d is expected"};
  jwt::TokenRequest request{.algorithm = options.algorithm,
                            .key = read_key(options.key_file),
                            .key_id = options.key_id,
                            .user = {},
                            .company = options.company,
                            .stores = options.stores,
                            .grants = std::nullopt,
                            .audience = options.audience,
                            .issuer = options.issuer,
                            .now = system::SystemClock{}.now(),
                            .lifetime = *ttl};
  if (!options.grants.empty()) request.grants.emplace();
  for (const auto& grant : options.grants) request.grants->push_back(parse_grant(grant));
  return [request](const std::string& user) {
    auto one = request;
    one.user = user;
    return jwt::make_token(one);
  };
}

int token(const TokenOptions& options) {
  std::puts(token_maker(options)(options.user).c_str());
  return kOk;
}

}  // namespace danwa::tool
