#include "infra/jwt/make_token.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "infra/jwt/key.hpp"
#include "infra/jwt/signature.hpp"

namespace danwa::jwt {

// Builds a token text (RFC 7515): header and claims as JSON, both in base64url, then the signature over them.

namespace {

using nlohmann::ordered_json;

void add_text(ordered_json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value;
}

ordered_json to_json(const domain::Grant& grant) {
  auto verbs = ordered_json::array();
  for (const auto verb : grant.verbs) verbs.push_back(to_string(verb));
  return ordered_json{{"conversations", grant.pattern}, {"verbs", std::move(verbs)}};
}

ordered_json claims_of(const TokenRequest& request) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count();
  auto claims = ordered_json::object();
  add_text(claims, "sub", request.user);
  add_text(claims, "company", request.company);
  add_text(claims, "aud", request.audience);
  add_text(claims, "iss", request.issuer);
  claims["iat"] = now;
  claims["exp"] = now + request.lifetime.count();
  if (!request.stores.empty()) claims["stores"] = request.stores;
  if (request.grants) {
    auto& grants = claims["grants"] = ordered_json::array();
    for (const auto& grant : *request.grants) grants.push_back(to_json(grant));
  }
  return claims;
}

Key key_of(const TokenRequest& request) {
  const auto algorithm = parse_algorithm(request.algorithm);
  if (!algorithm) throw std::runtime_error{"unknown algorithm \"" + request.algorithm + "\""};
  if (*algorithm != JwtAlgorithm::hs256) return Key::private_pem(*algorithm, request.key);
  return Key::secret(without_line_end(request.key));
}

}  // namespace

std::string make_token(const TokenRequest& request) {
  const Key key = key_of(request);
  auto header = ordered_json::object();
  add_text(header, "alg", request.algorithm);
  header["typ"] = "JWT";
  add_text(header, "kid", request.key_id);
  std::string token = to_base64url(header.dump()) + '.' + to_base64url(claims_of(request).dump());
  const std::string signature = key.sign(token);
  return token + '.' + to_base64url(signature);
}

}  // namespace danwa::jwt
