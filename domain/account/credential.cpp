#include "domain/account/credential.hpp"

#include <algorithm>

#include "domain/account/key_patterns.hpp"
#include "domain/core/percent.hpp"

namespace danwa::domain {
namespace {

Errors token_required() {
  return DomainError{ErrorKind::unauthenticated, "token-required", "authorization", "This needs a bearer token."};
}

}  // namespace

std::optional<Verb> parse_verb(std::string_view text) {
  if (text == "read") return Verb::read;
  if (text == "send") return Verb::send;
  if (text == "moderate") return Verb::moderate;
  if (text == "notify") return Verb::notify;
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
