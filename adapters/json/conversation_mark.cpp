#include "adapters/json/conversation_mark.hpp"

#include <utility>

namespace danwa::adapters {

using Mark = usecase::UpdateLog::ConversationMark;

std::string to_text(const Mark& mark) {
  const auto milliseconds = mark.last_activity.time_since_epoch().count();
  return std::to_string(milliseconds) + ':' + (mark.key ? mark.key->value() : "");
}

std::optional<Mark> parse_conversation_mark(std::string_view text) {
  if (const auto time = domain::parse_rfc3339(text)) return Mark{*time};
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto milliseconds = domain::parse_seq(text.substr(0, colon));
  auto key = domain::ConversationKey::parse(std::string{text.substr(colon + 1)});
  if (!milliseconds || !key) return std::nullopt;
  return Mark{domain::Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(*milliseconds)}}, std::move(*key)};
}

}  // namespace danwa::adapters
