#include "domain/account/credential.hpp"

#include <algorithm>

#include "domain/account/key_patterns.hpp"
#include "domain/core/percent.hpp"

namespace danwa::domain {

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

}  // namespace danwa::domain
