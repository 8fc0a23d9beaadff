#include "infra/jwt/key_set.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "infra/jwt/base64url.hpp"

// A key set is the file of an issuer, who may add keys of unknown kinds and keep old ones. So each key is judged alone:
// an unusable key is left out with its reason, and the others are used. Only a set without any usable key is an error.

namespace danwa::infra {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxShownKid = 64;  // bytes, in the log

[[noreturn]] void reject(const std::string& why) { throw std::runtime_error{why}; }

/// A member that must be a text; nullopt if it is absent.
std::optional<std::string> text_member(const json& jwk, const char* name) {
  const auto found = jwk.find(name);
  if (found == jwk.end()) return std::nullopt;
  if (!found->is_string()) reject(std::string{name} + " is no text");
  return found->get<std::string>();
}

/// Requires that a member is absent or equal to this text.
void want(const json& jwk, const char* name, std::string_view wanted) {
  const auto found = text_member(jwk, name);
  if (found && *found != wanted) reject(std::string{name} + " is not " + std::string{wanted});
}

void want_present(const json& jwk, const char* name, std::string_view wanted) {
  if (!jwk.contains(name)) reject(std::string{name} + " is absent");
  want(jwk, name, wanted);
}

/// `key_ops` of RFC 7517 section 4.3.
void want_verify_among_operations(const json& jwk) {
  const auto found = jwk.find("key_ops");
  if (found == jwk.end()) return;
  if (!found->is_array() || std::find(found->begin(), found->end(), json("verify")) == found->end()) {
    reject("key_ops has no verify");
  }
}

std::string bytes_member(const json& jwk, const char* name) {
  const auto text = text_member(jwk, name);
  if (!text) reject(std::string{name} + " is absent");
  auto bytes = from_base64url(*text);
  if (!bytes || bytes->empty()) reject(std::string{name} + " is not base64url");
  return std::move(*bytes);
}

Key to_key(const json& jwk, JwtAlgorithm algorithm) {
  if (!jwk.is_object()) reject("it is no object");
  want_present(jwk, "kty", algorithm == JwtAlgorithm::rs256 ? "RSA" : "EC");
  want(jwk, "use", "sig");
  want(jwk, "alg", to_string(algorithm));
  want_verify_among_operations(jwk);
  if (jwk.contains("d")) reject("it holds a private key; a public one is needed");
  if (algorithm == JwtAlgorithm::rs256) {
    const auto n = bytes_member(jwk, "n");  // before e: the error names n if both are wrong
    return Key::rsa(n, bytes_member(jwk, "e"));
  }
  want_present(jwk, "crv", "P-256");
  const auto x = bytes_member(jwk, "x");
  return Key::p256(x, bytes_member(jwk, "y"));
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// The name of a key in the log.
std::string label_of(const json& jwk, std::size_t index) {
  const auto kid = jwk.is_object() ? jwk.find("kid") : jwk.end();
  if (!jwk.is_object() || kid == jwk.end() || !kid->is_string()) return '#' + std::to_string(index + 1);
  return kid->get<std::string>().substr(0, kMaxShownKid);
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
  if (algorithm == JwtAlgorithm::hs256) reject("HS256 takes a key file, not a JWK set");
  const auto document = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("keys") || !document["keys"].is_array()) {
    reject("it is no JWK set: {\"keys\": [...]} is expected");
  }
  KeySet set;
  set.by_kid_ = true;
  const auto& list = document["keys"];
  for (std::size_t i = 0; i < list.size(); ++i) {
    try {
      Key key = to_key(list[i], algorithm);
      auto kid = text_member(list[i], "kid");
      const auto same = [&](const Named& other) { return kid && other.kid == kid; };
      if (std::any_of(set.keys_.begin(), set.keys_.end(), same)) reject("a key before it has the same kid");
      set.keys_.push_back({std::move(kid), std::move(key)});
    } catch (const std::runtime_error& error) {
      set.skipped_.push_back({label_of(list[i], i), error.what()});
    }
  }
  if (!set.keys_.empty()) return set;
  std::string why = "the JWK set holds no signature key for " + std::string{to_string(algorithm)};
  for (const auto& one : set.skipped_) why += "; " + one.kid + ": " + one.why;
  reject(why);
}

bool KeySet::picks(const Named& named, const std::optional<std::string>& kid) const {
  if (!by_kid_) return true;
  return kid ? named.kid == kid : keys_.size() == 1;
}

std::optional<KeyUse> KeySet::verify(const std::optional<std::string>& kid, std::string_view input,
                                     std::string_view signature) const {
  for (const auto& named : keys_) {
    if (picks(named, kid) && named.key.verifies(input, signature)) return KeyUse{kid, named.key.fingerprint()};
  }
  return std::nullopt;
}

bool KeySet::allows(const KeyUse& use) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Named& named) { return picks(named, use.kid) && named.key.fingerprint() == use.key; });
}

}  // namespace danwa::infra
