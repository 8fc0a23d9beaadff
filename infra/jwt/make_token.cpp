#include "infra/jwt/make_token.hpp"

#include <stdexcept>
#include <string_view>

#include "adapters/json/json_text.hpp"
#include "infra/jwt/base64url.hpp"
#include "infra/jwt/key.hpp"

namespace danwa::infra {

// Builds a token text (RFC 7515): header and claims as JSON, both in base64url, then the signature over them.

namespace {

using adapters::append_json_string;

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += out.size() > 1 ? "," : "";
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

std::string_view name_of(domain::Verb verb) {
  switch (verb) {
    case domain::Verb::read:
      return "read";
    case domain::Verb::send:
      return "send";
    case domain::Verb::moderate:
      return "moderate";
    case domain::Verb::notify:
      return "notify";
  }
  return "";
}

/// `[a,b,...]`, each made by `append_one(out, item)`.
template <class List, class AppendOne>
void append_list(std::string& out, const List& list, AppendOne append_one) {
  out += '[';
  bool first = true;
  for (const auto& item : list) {
    if (!first) out += ',';
    first = false;
    append_one(out, item);
  }
  out += ']';
}

void append_grant(std::string& out, const domain::Grant& grant) {
  out += R"({"conversations":)";
  append_json_string(out, grant.pattern);
  out += R"(,"verbs":)";
  append_list(out, grant.verbs, [](std::string& text, domain::Verb verb) { append_json_string(text, name_of(verb)); });
  out += '}';
}

std::string claims_of(const TokenRequest& request) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count();
  std::string out = "{";
  append_member(out, "sub", request.user);
  append_member(out, "company", request.company);
  append_member(out, "aud", request.audience);
  append_member(out, "iss", request.issuer);
  out += out.size() > 1 ? "," : "";
  out += R"("iat":)" + std::to_string(now) + R"(,"exp":)" + std::to_string(now + request.lifetime.count());
  if (!request.stores.empty()) {
    out += R"(,"stores":)";
    append_list(out, request.stores, [](std::string& text, const std::string& s) { append_json_string(text, s); });
  }
  if (request.grants) {
    out += R"(,"grants":)";
    append_list(out, *request.grants, append_grant);
  }
  out += '}';
  return out;
}

Key key_of(const TokenRequest& request) {
  const auto algorithm = parse_algorithm(request.algorithm);
  if (!algorithm) throw std::runtime_error{"unknown algorithm \"" + request.algorithm + "\""};
  if (*algorithm != JwtAlgorithm::hs256) return Key::private_pem(*algorithm, request.key);
  std::string_view secret = request.key;
  if (secret.ends_with('\n')) secret.remove_suffix(1);
  if (secret.ends_with('\r')) secret.remove_suffix(1);
  return Key::secret(secret);
}

}  // namespace

std::string make_token(const TokenRequest& request) {
  const Key key = key_of(request);
  std::string header = "{";
  append_member(header, "alg", request.algorithm);
  append_member(header, "typ", "JWT");
  append_member(header, "kid", request.key_id);
  header += '}';
  std::string token = to_base64url(header) + '.' + to_base64url(claims_of(request));
  const std::string signature = key.sign(token);
  return token + '.' + to_base64url(signature);
}

}  // namespace danwa::infra
