#include "adapters/http/bearer.hpp"

#include <algorithm>

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

constexpr std::string_view kPrefix = "bearer.";
using Token = std::optional<std::string_view>;

/// `token68`-like, as RFC 6750 section 2.1 has it, and other visible characters but separators of lists.
bool is_bearer_char(char c) { return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\'; }

bool is_well_formed(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), is_bearer_char);
}

/// The credentials of `Authorization`; empty text for what is no bearer token.
Token of_authorization(const Request& request) {
  const auto value = request.header("authorization");
  if (!value) return std::nullopt;
  const auto space = value->find(' ');
  const bool one = request.count_header("authorization") == 1;
  if (!one || space == std::string_view::npos || !equals_ignoring_case(value->substr(0, space), "bearer")) return "";
  return trim(value->substr(space));
}

/// The first token of the offered subprotocols, empty text when there are several.
Token of_subprotocols(const Request& request) {
  Token found;
  for (const auto& [name, value] : request.headers) {
    if (name != "sec-websocket-protocol") continue;
    std::string_view rest = value;
    while (const auto protocol = next_element(rest, ',')) {
      if (protocol->starts_with(kPrefix)) found = found ? std::string_view{""} : protocol->substr(kPrefix.size());
    }
  }
  return found;
}

Token of_query(const Request& request) {
  Token found;
  for (const auto& [name, value] : request.query) {
    if (name == "access_token") found = found ? std::string_view{""} : std::string_view{value};
  }
  return found;
}

}  // namespace

domain::Errors token_invalid() {
  return domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "authorization",
                             "The bearer token is not accepted."};
}

domain::Result<std::optional<std::string>> bearer_token(const Request& request) {
  Token found;
  for (const auto token : {of_authorization(request), of_subprotocols(request), of_query(request)}) {
    if (!token) continue;
    if (found || !is_well_formed(*token)) return domain::fail(token_invalid());
    found = token;
  }
  if (!found) return std::optional<std::string>{};
  return std::optional<std::string>{*found};
}

bool offers_subprotocol(const Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (name != "sec-websocket-protocol") continue;
    std::string_view rest = value;
    while (const auto protocol = next_element(rest, ',')) {
      if (*protocol == kSubprotocol) return true;
    }
  }
  return false;
}

}  // namespace danwa::adapters::http
