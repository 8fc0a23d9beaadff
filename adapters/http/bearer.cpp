#include "adapters/http/bearer.hpp"

#include <algorithm>
#include <vector>

#include "adapters/protocol/http/fields.hpp"

namespace danwa::adapters::http {
namespace {

constexpr std::string_view kPrefix = "bearer.";

/// A character of a token: `token68` as in RFC 6750 section 2.1, and other visible characters except separators of
/// lists.
bool is_bearer_char(char c) { return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\'; }

bool is_well_formed(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), is_bearer_char);
}

/// All tokens of a request, from every place that may hold one.
struct Tokens {
  std::vector<std::string_view> found;
  bool other_scheme = false;
};

/// Reads `Bearer <token>` (RFC 9110 section 11.6.2). Another scheme is not meant for danwa.
void add_of_authorization(const Request& request, Tokens& tokens) {
  for (const auto& [name, text] : request.headers) {
    if (name != "authorization") continue;
    const std::string_view value = text;
    const auto end = std::min(value.find(' '), value.size());
    if (equals_ignoring_case(value.substr(0, end), "bearer")) {
      tokens.found.push_back(trim(value.substr(end)));
    } else {
      tokens.other_scheme = true;
    }
  }
  // The field may occur once. With two lines, a proxy in front may have read the other one.
  if (request.count_header("authorization") > 1 && !tokens.found.empty()) tokens.found.resize(2);
}

void add_of_subprotocols(const Request& request, Tokens& tokens) {
  for (const auto protocol : request.elements("sec-websocket-protocol")) {
    if (protocol.starts_with(kPrefix)) tokens.found.push_back(protocol.substr(kPrefix.size()));
  }
}

void add_of_query(const Request& request, Tokens& tokens) {
  for (const auto& [name, value] : request.query) {
    if (name == "access_token") tokens.found.emplace_back(value);
  }
}

}  // namespace

domain::Errors token_invalid() {
  return domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "authorization",
                             "The bearer token is not accepted."};
}

domain::Result<Bearer> find_bearer(const Request& request) {
  Tokens tokens;
  add_of_authorization(request, tokens);
  add_of_subprotocols(request, tokens);
  add_of_query(request, tokens);
  if (tokens.found.empty()) return Bearer{std::nullopt, tokens.other_scheme};
  if (tokens.found.size() > 1 || !is_well_formed(tokens.found.front())) return domain::fail(token_invalid());
  return Bearer{std::string{tokens.found.front()}, tokens.other_scheme};
}

domain::Result<std::optional<std::string>> bearer_token(const Request& request) {
  auto bearer = find_bearer(request);
  if (!bearer) return domain::fail(std::move(bearer).error());
  if (!bearer->token && bearer->other_scheme) return domain::fail(token_invalid());
  return std::move(bearer->token);
}

bool offers_subprotocol(const Request& request) {
  const auto offered = request.elements("sec-websocket-protocol");
  return std::find(offered.begin(), offered.end(), kSubprotocol) != offered.end();
}

}  // namespace danwa::adapters::http
