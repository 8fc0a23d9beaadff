#include "infra/jwt/key_set.hpp"

#include <algorithm>
#include <stdexcept>

#include "infra/jwt/base64url.hpp"
#include "infra/jwt/strict_json.hpp"

namespace danwa::infra {
namespace {

using nlohmann::json;

std::string text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// An absent member fits; a present one must be this text.
bool absent_or(const json& object, const char* name, std::string_view wanted) {
  return !object.contains(name) || text_member(object, name) == wanted;
}

bool fits(const json& jwk, JwtAlgorithm algorithm) {
  if (!jwk.is_object() || !absent_or(jwk, "use", "sig") || !absent_or(jwk, "alg", to_string(algorithm))) return false;
  if (algorithm == JwtAlgorithm::rs256) return text_member(jwk, "kty") == "RSA";
  return text_member(jwk, "kty") == "EC" && text_member(jwk, "crv") == "P-256";
}

std::string bytes_member(const json& jwk, const char* name) {
  auto bytes = from_base64url(text_member(jwk, name));
  if (!bytes || bytes->empty()) throw std::runtime_error{std::string{"a JWK has no usable member "} + name};
  return std::move(*bytes);
}

Key to_key(const json& jwk, JwtAlgorithm algorithm) {
  if (algorithm == JwtAlgorithm::rs256) return Key::rsa(bytes_member(jwk, "n"), bytes_member(jwk, "e"));
  return Key::p256(bytes_member(jwk, "x"), bytes_member(jwk, "y"));
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

KeySet KeySet::from_key_file(JwtAlgorithm algorithm, std::string_view bytes) {
  KeySet set;
  if (algorithm != JwtAlgorithm::hs256) {
    set.keys_.push_back({std::nullopt, Key::public_pem(algorithm, bytes)});
    return set;
  }
  const auto trimmed = without_line_end(bytes);
  set.keys_.push_back({std::nullopt, Key::secret(trimmed)});
  if (trimmed.size() != bytes.size()) set.keys_.push_back({std::nullopt, Key::secret(bytes)});
  return set;
}

KeySet KeySet::from_jwks(JwtAlgorithm algorithm, std::string_view text) {
  if (algorithm == JwtAlgorithm::hs256) throw std::runtime_error{"HS256 takes a key file, not a JWK set"};
  const auto document = parse_strict_object(text);
  if (!document || !document->contains("keys") || !(*document)["keys"].is_array()) {
    throw std::runtime_error{"it is no JWK set: {\"keys\": [...]} is expected"};
  }
  KeySet set;
  set.by_kid_ = true;
  for (const auto& jwk : (*document)["keys"]) {
    if (!fits(jwk, algorithm)) continue;
    std::optional<std::string> kid;
    if (jwk.contains("kid")) kid = text_member(jwk, "kid");
    const auto same = [&](const Named& other) { return kid && other.kid == kid; };
    if (std::any_of(set.keys_.begin(), set.keys_.end(), same)) throw std::runtime_error{"two JWKs share a kid"};
    set.keys_.push_back({std::move(kid), to_key(jwk, algorithm)});
  }
  if (set.keys_.empty()) {
    throw std::runtime_error{"the JWK set holds no signature key for " + std::string{to_string(algorithm)}};
  }
  return set;
}

bool KeySet::verifies(const std::optional<std::string>& kid, std::string_view input, std::string_view signature) const {
  if (by_kid_ && !kid && keys_.size() != 1) return false;
  return std::any_of(keys_.begin(), keys_.end(), [&](const Named& named) {
    if (by_kid_ && kid && named.kid != kid) return false;
    return named.key.verifies(input, signature);
  });
}

}  // namespace danwa::infra
