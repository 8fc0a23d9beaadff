#include "adapters/json/conversation_mark.hpp"

#include <utility>

namespace danwa::adapters {
namespace {

using Mark = usecase::UpdateLog::ConversationMark;

std::optional<domain::Timestamp> parse_milliseconds(std::string_view digits) {
  const auto milliseconds = domain::parse_seq(digits);
  if (!milliseconds) return std::nullopt;
  return domain::Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(*milliseconds)}};
}

/// `p<place>`, or `p<place>-<milliseconds>`.
std::optional<Mark> parse_place(std::string_view text) {
  const auto dash = text.find('-');
  Mark mark{.place = domain::parse_seq(text.substr(0, dash))};
  if (dash != std::string_view::npos) mark.before = parse_milliseconds(text.substr(dash + 1));
  if (!mark.place || (dash != std::string_view::npos && !mark.before)) return std::nullopt;
  return mark;
}

/// `<milliseconds>:<key>`. The conversation itself comes once more, with what else was active in its millisecond:
/// twice rather than never.
std::optional<Mark> parse_former(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto time = parse_milliseconds(text.substr(0, colon));
  if (!time || !domain::ConversationKey::parse(std::string{text.substr(colon + 1)})) return std::nullopt;
  return Mark{.before = *time == domain::Timestamp::max() ? *time : *time + std::chrono::milliseconds{1}};
}

}  // namespace

std::string to_text(const Mark& mark) {
  std::string text = 'p' + std::to_string(mark.place.value_or(domain::kMaxSeq));
  if (mark.before) text += '-' + std::to_string(mark.before->time_since_epoch().count());
  return text;
}

std::optional<Mark> parse_conversation_mark(std::string_view text) {
  if (const auto time = domain::parse_rfc3339(text)) return Mark{.before = *time};
  if (text.starts_with('p')) return parse_place(text.substr(1));
  return parse_former(text);
}

}  // namespace danwa::adapters
