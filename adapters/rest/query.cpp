#include "adapters/rest/query.hpp"

#include <algorithm>
#include <utility>

#include "adapters/protocol/http/fields.hpp"
#include "adapters/updates/update_json.hpp"

// Every reader returns a usable default after an error and records the error, so a controller reads all of its values
// first and then answers all errors at once.

namespace danwa::adapters {
namespace {

/// Seconds with at most three decimals, at most `max`.
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text, std::chrono::seconds max) {
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = domain::parse_seq(text.substr(0, point));
  if (!whole || *whole > static_cast<domain::Seq>(max.count())) return std::nullopt;
  domain::Seq thousandths = 0;
  if (point < text.size()) {
    std::string digits{text.substr(point + 1)};
    if (digits.empty() || digits.size() > 3) return std::nullopt;
    digits.resize(3, '0');
    const auto parsed = domain::parse_seq(digits);
    if (!parsed) return std::nullopt;
    thousandths = *parsed;
  }
  const std::chrono::milliseconds wait{static_cast<std::int64_t>(*whole * 1000 + thousandths)};
  return wait <= max ? std::optional{wait} : std::nullopt;
}

constexpr std::string_view kLastEventId = "lastEventId";

/// The names under which polyfills of EventSource send it.
bool is_last_event_id(std::string_view name) {
  if (name == "evs_last_event_id") return true;
  std::string commands;
  for (const char c : name) {
    if (c != '-' && c != '_') commands += http::to_lower(c);
  }
  return commands == "lasteventid";
}

}  // namespace

/// A value that occurs twice is an error, because it is not clear which one counts.
std::optional<std::string_view> Query::value(std::string_view name) {
  const auto same = [name](const auto& pair) { return pair.first == name; };
  if (std::count_if(request_.query.begin(), request_.query.end(), same) > 1) {
    refuse(name, "repeated", "must be in the query only once.");
    return std::nullopt;
  }
  return request_.query_value(name);
}

std::optional<domain::Seq> Query::seq(std::string_view name) {
  const auto text = value(name);
  if (!text) return std::nullopt;
  const auto parsed = domain::parse_seq(*text);
  if (!parsed) refuse(name, "invalid", "must be a seq: a decimal number, 0 or more.");
  return parsed;
}

std::optional<domain::Cursor> Query::cursor(std::string_view name) {
  const auto text = value(name);
  if (!text) return std::nullopt;
  if (auto parsed = domain::Cursor::parse(*text)) return std::move(*parsed);
  refuse(name, "invalid", "must be a seq (0 or more) or a cursor <epoch>:<seq>.");
  return std::nullopt;
}

std::optional<domain::MergedCursor> Query::merged_cursor(std::string_view name) {
  const auto text = value(name);
  if (!text) return std::nullopt;
  if (auto parsed = domain::MergedCursor::parse(*text)) return std::move(*parsed);
  refuse(name, "invalid", "must be 0 or a cursor <epoch>:<kind>:<key>=<seq>,...");
  return std::nullopt;
}

std::optional<std::string_view> Query::last_event_id_in_query() {
  std::optional<std::string_view> found;
  for (const auto& [name, text] : request_.query) {
    if (!is_last_event_id(name)) continue;
    if (found) refuse(kLastEventId, "repeated", "must be in the query only once.");
    found = text;
  }
  return found;
}

template <class Mark>
std::optional<Mark> Query::mark(std::optional<Mark> after) {
  const std::pair<std::string_view, std::optional<std::string_view>> texts[] = {
      {kLastEventId, last_event_id_in_query()}, {"Last-Event-ID", request_.header("last-event-id")}};
  for (const auto& [name, text] : texts) {
    if (!text || text->empty()) continue;
    if (auto parsed = Mark::parse(*text)) {
      after = std::move(*parsed);
    } else {
      refuse(name, "invalid", "must be the id of an event of this stream.");
    }
  }
  return after;
}

std::optional<domain::Cursor> Query::resume_mark() { return mark(cursor("after")); }
std::optional<domain::MergedCursor> Query::merged_resume_mark() { return mark(merged_cursor("after")); }

std::optional<domain::UserId> Query::user(std::string_view name) {
  const auto text = value(name);
  if (!text) return std::nullopt;
  if (auto parsed = domain::UserId::parse(std::string{*text})) return std::move(*parsed);
  refuse(name, "invalid", "must be a user id.");
  return std::nullopt;
}

std::optional<usecase::UpdateLog::ConversationMark> Query::conversation_mark(std::string_view name) {
  const auto text = value(name);
  if (!text) return std::nullopt;
  auto parsed = parse_conversation_mark(*text);
  if (!parsed) refuse(name, "invalid", "must be the next of a page, or a time in UTC like 2026-11-22T09:08:07.006Z.");
  return parsed;
}

std::optional<domain::Position> Query::position() {
  std::size_t given = request_.count_header("danwa-position");
  for (const auto& [name, text] : request_.query) given += name == "position" ? 1 : 0;
  if (given == 0) return std::nullopt;
  if (given > 1) {
    refuse(domain::DomainError{domain::ErrorKind::malformed, "position-repeated", "Danwa-Position",
                               "Danwa-Position must be sent once, as a header or in the query."});
    return std::nullopt;
  }
  const auto header = request_.header("danwa-position");
  auto parsed = domain::Position::parse(header ? *header : request_.query_value("position").value_or(""));
  if (parsed) return std::move(*parsed);
  refuse(std::move(parsed).error());
  return std::nullopt;
}

std::size_t Query::limit(std::size_t fallback, std::size_t max) {
  const auto text = value("limit");
  if (!text) return fallback;
  const auto parsed = domain::parse_seq(*text);
  if (parsed && *parsed >= 1 && *parsed <= max) return static_cast<std::size_t>(*parsed);
  refuse("limit", "invalid", "must be 1 to " + std::to_string(max) + ".");
  return fallback;
}

usecase::Delivery Query::delivery() {
  const auto text = value("delivery");
  if (text == "latest") return usecase::Delivery::latest;
  if (text && text != "complete") refuse("delivery", "invalid", "must be complete or latest.");
  return usecase::Delivery::complete;
}

std::chrono::milliseconds Query::wait(std::chrono::seconds max) {
  const auto text = value("wait");
  if (!text) return std::chrono::milliseconds{0};
  if (const auto parsed = parse_seconds(*text, max)) return *parsed;
  refuse("wait", "invalid", "must be 0 to " + std::to_string(max.count()) + " seconds.");
  return std::chrono::milliseconds{0};
}

void Query::refuse(std::string_view name, std::string_view code, std::string message) {
  const std::string field{name};
  refuse(domain::DomainError{domain::ErrorKind::malformed, field + "-" + std::string{code}, field,
                             field + " " + std::move(message)});
}

void Query::refuse(domain::Errors error) {
  if (errors_) {
    errors_->add(std::move(error));
  } else {
    errors_ = std::move(error);
  }
}

}  // namespace danwa::adapters
