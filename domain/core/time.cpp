#include "domain/core/time.hpp"

#include <algorithm>

namespace danwa::domain {
namespace {

void append_padded(std::string& out, long value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

/// Takes `width` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// Two digits after `separator`, at most `max`.
std::optional<int> take_part(std::string_view& text, char separator, int max) {
  if (!take(text, separator)) return std::nullopt;
  const auto value = take_number(text, 2);
  return value && *value <= max ? value : std::nullopt;
}

std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  const std::size_t digits = std::min<std::size_t>(text.find('Z'), 4);
  const auto value = digits >= 1 && digits <= 3 ? take_number(text, digits) : std::nullopt;
  if (!value) return std::nullopt;
  return digits == 1 ? *value * 100 : digits == 2 ? *value * 10 : *value;
}

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  const auto month = year ? take_part(text, '-', 12) : std::nullopt;
  const auto day = month ? take_part(text, '-', 31) : std::nullopt;
  const auto hour = day ? take_part(text, 'T', 23) : std::nullopt;
  const auto minute = hour ? take_part(text, ':', 59) : std::nullopt;
  const auto second = minute ? take_part(text, ':', 59) : std::nullopt;
  const auto fraction = second ? take_fraction(text) : std::nullopt;
  if (!fraction || text != "Z") return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second} + std::chrono::milliseconds{*fraction};
}

std::string to_rfc3339(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string out;
  out.reserve(24);
  append_padded(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_padded(out, static_cast<long>(static_cast<unsigned>(date.month())), 2);
  out += '-';
  append_padded(out, static_cast<long>(static_cast<unsigned>(date.day())), 2);
  out += 'T';
  append_padded(out, clock.hours().count(), 2);
  out += ':';
  append_padded(out, clock.minutes().count(), 2);
  out += ':';
  append_padded(out, clock.seconds().count(), 2);
  out += '.';
  append_padded(out, clock.subseconds().count(), 3);
  out += 'Z';
  return out;
}

}  // namespace danwa::domain
