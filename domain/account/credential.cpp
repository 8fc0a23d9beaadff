#include "domain/account/credential.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "domain/core/text.hpp"

namespace danwa::domain {

// Two questions about grants. matches() answers for one key. KeyPatterns answers for a whole list: it turns each
// pattern into the range of keys that begin with the text before its first `*`, so that the index of a database finds
// the candidates, and then checks each candidate. A range may be too wide and never too narrow. Keys are compared byte
// by byte, as both databases compare them. UTF-8 keeps the order of code points, so the end of a range is the prefix
// with its last character counted up.

namespace {

constexpr std::uint32_t kLastCodePoint = 0x10FFFF;
constexpr std::uint32_t kFirstSurrogate = 0xD800;
constexpr std::uint32_t kBehindSurrogates = 0xE000;

std::string encode_utf8(std::uint32_t code) {
  const auto continued = [code](unsigned shift) { return static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0U | (code >> 6U)), continued(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0U | (code >> 12U)), continued(6), continued(0)};
  return {static_cast<char>(0xF0U | (code >> 18U)), continued(12), continued(6), continued(0)};
}

std::uint32_t decode_utf8(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first;
  std::uint32_t code = first & (0x7FU >> character.size());
  for (const char byte : character.substr(1)) code = (code << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  return code;
}

/// A text behind every key: the last of all characters, repeated once more than a key can be long.
std::string behind_all() {
  std::string out;
  for (std::size_t n = 0; n <= ConversationKey::kMax; ++n) out += encode_utf8(kLastCodePoint);
  return out;
}

/// The first text behind all texts that begin with `prefix`. A last character that cannot be counted up is dropped, and
/// the one before it is counted up instead. Surrogates are skipped, because UTF-8 has none (RFC 3629 section 3).
std::string behind(std::string prefix) {
  while (!prefix.empty()) {
    std::size_t start = prefix.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(prefix[start]) & 0xC0U) == 0x80U) --start;
    auto next = decode_utf8(std::string_view{prefix}.substr(start)) + 1;
    prefix.resize(start);
    if (next == kFirstSurrogate) next = kBehindSurrogates;
    if (next <= kLastCodePoint) return prefix + encode_utf8(next);
  }
  return behind_all();
}

KeyPatterns::Range range_of(const std::string& pattern) {
  const auto star = pattern.find('*');
  if (star == std::string::npos) return {pattern, pattern + '\x01'};  // no key holds a control character
  std::string prefix = pattern.substr(0, star);
  auto end = behind(prefix);
  return {std::move(prefix), std::move(end)};
}

}  // namespace

/// Greedy match that returns to the last star only. So it is linear for one star, at most the product of both lengths
/// for several, and never exponential: a pattern comes from a token, the key from a caller.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

KeyPatterns::KeyPatterns(std::vector<std::string> patterns) : patterns_{std::move(patterns)} {
  std::vector<Range> all;
  for (const auto& pattern : patterns_) all.push_back(range_of(pattern));
  std::sort(all.begin(), all.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  for (auto& range : all) {
    if (ranges_.empty() || ranges_.back().end < range.first) {
      ranges_.push_back(std::move(range));
    } else {
      ranges_.back().end = std::max(ranges_.back().end, range.end);
    }
  }
}

bool KeyPatterns::allow(std::string_view key) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [key](const std::string& pattern) { return matches(pattern, key); });
}

Errors token_required() {
  return DomainError{ErrorKind::unauthenticated, "token-required", "authorization", "This needs a bearer token."};
}

std::string_view to_string(Verb verb) {
  constexpr std::array<std::string_view, 4> kNames{"read", "send", "moderate", "notify"};  // in the order of Verb
  return kNames.at(static_cast<std::size_t>(verb));
}

std::optional<Verb> parse_verb(std::string_view text) {
  for (const auto verb : {Verb::read, Verb::send, Verb::moderate, Verb::notify}) {
    if (text == to_string(verb)) return verb;
  }
  return std::nullopt;
}

bool Grant::allows(Verb verb, std::string_view key) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end() && matches(pattern, key);
}

bool Credential::allows(Verb verb, const ConversationKey& key) const {
  if (anonymous) return verb == Verb::read;
  if (!grants) return verb == Verb::read || verb == Verb::send;
  return std::any_of(grants->begin(), grants->end(),
                     [&](const Grant& grant) { return grant.allows(verb, key.value()); });
}

bool Credential::may_notify(std::string_view inbox) const {
  if (anonymous) return false;
  if (trusted || inbox == "user:" + percent_encode(user.value())) return true;
  return grants && std::any_of(grants->begin(), grants->end(),
                               [&](const Grant& grant) { return grant.allows(Verb::notify, inbox); });
}

Result<void> require_named(const Credential& who) {
  if (who.anonymous) return fail(token_required());
  return {};
}

Result<void> require(const Credential& who, Verb verb, const ConversationKey& conversation) {
  if (who.allows(verb, conversation)) return {};
  if (who.anonymous) return fail(token_required());
  return fail(forbidden("not-granted", "conversation", "The token does not grant this."));
}

Result<void> require_change(const Credential& who, const ConversationKey& conversation) {
  if (who.allows(Verb::moderate, conversation)) return {};
  return require(who, Verb::send, conversation);
}

UserId member_name(const Credential& who) { return who.anonymous ? UserId::trusted("") : who.user; }

}  // namespace danwa::domain
