#include "infra/jwt/key_set.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "infra/jwt/signature.hpp"

// A key set is the file of an issuer, who may add keys of unknown kinds and keep old ones. So each key is judged alone:
// an unusable key is left out with its reason, and the others are used. Only a set without any usable key is an error.

namespace danwa::jwt {
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

namespace {

constexpr std::size_t kMaxFile = 1 << 20;  // bytes

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error{std::strerror(errno)};
  std::string bytes{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
  if (bytes.size() > kMaxFile) throw std::runtime_error{"larger than 1 MiB"};
  return bytes;
}

}  // namespace

KeyFile::KeyFile(std::string path, Parse parse, std::chrono::milliseconds look_every, adapters::Logger& log)
    : path_{std::move(path)}, parse_{std::move(parse)}, look_every_{look_every}, log_{log} {
  seen_ = stamp();
  try {
    keys_ = read();
  } catch (const std::exception& error) {
    throw std::runtime_error{"key file " + path_ + ": " + error.what()};
  }
  next_look_ = std::chrono::steady_clock::now() + look_every_;
}

KeyFile::Stamp KeyFile::stamp() const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size,
          static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
}

std::shared_ptr<const KeySet> KeyFile::read() const {
  auto keys = std::make_shared<const KeySet>(parse_(read_file(path_)));
  for (const auto& [kid, why] : keys->skipped()) {
    log_.warn("auth.key_skipped", {{"file", path_}, {"kid", kid}, {"why", why}});
  }
  return keys;
}

std::shared_ptr<const KeySet> KeyFile::current() const {
  const std::lock_guard lock{mutex_};
  return keys_;
}

std::shared_ptr<const KeySet> KeyFile::keys() {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock{mutex_};
  if (now >= next_look_) {
    next_look_ = now + look_every_;
    look();
  }
  return keys_;
}

void KeyFile::look() {
  const Stamp now = stamp();
  if (now == seen_) return;
  seen_ = now;
  try {
    keys_ = read();
    generation_.fetch_add(1, std::memory_order_release);
    log_.info("auth.keys_reloaded", {{"file", path_}, {"keys", keys_->size()}});
  } catch (const std::exception& error) {
    log_.error("auth.keys_kept", {{"file", path_}, {"why", error.what()}});
  }
}

std::size_t VerifiedTokens::make_seed() {
  std::size_t seed = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  return seed;
}

std::size_t VerifiedTokens::slot_of(std::string_view token) const {
  // The end of a token is its signature, whose bytes are as good as random.
  const auto tail = token.substr(token.size() - std::min<std::size_t>(token.size(), 48));
  std::size_t hash = seed_;
  for (const char c : tail) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return (hash ^ (hash >> 29)) % kSlots;
}

VerifiedTokens::ProofPtr VerifiedTokens::find(std::string_view token, const std::shared_ptr<const KeySet>& keys,
                                              domain::Timestamp now) const {
  const auto index = slot_of(token);
  const std::lock_guard lock{locks_[index % kLocks]};
  const Slot& slot = slots_[index];
  const bool same = slot.proof && slot.token.size() == token.size() &&
                    CRYPTO_memcmp(slot.token.data(), token.data(), token.size()) == 0;
  if (!same || slot.keys != keys || now >= *slot.proof->who.expires_at) return nullptr;
  return slot.proof;
}

void VerifiedTokens::remember(std::string_view token, std::shared_ptr<const KeySet> keys, ProofPtr proof) {
  if (token.size() > kMaxToken) return;
  const auto index = slot_of(token);
  const std::lock_guard lock{locks_[index % kLocks]};
  slots_[index] = Slot{std::string{token}, std::move(keys), std::move(proof)};
}

}  // namespace danwa::jwt
