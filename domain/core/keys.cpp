#include "domain/core/keys.hpp"

#include "domain/core/text.hpp"

namespace danwa::domain {

Result<ConversationKey> ConversationKey::parse(std::string text) {
  static constexpr TextRules kRules{"conversationKey", kMax, false};
  auto parsed = parse_text(std::move(text), kRules);
  if (!parsed) return fail(std::move(parsed).error());
  if (*parsed == "." || *parsed == "..") {
    return fail(validation_error("conversationKey-dot-segment", kRules.resource,
                                 "conversationKey must not be \".\" or \"..\"."));
  }
  return ConversationKey{std::move(*parsed)};
}

}  // namespace danwa::domain
