#include "adapters/http/http_date.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace danwa::adapters::http {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& out, long value, int digits) {
  const auto text = std::to_string(value);
  out.append(static_cast<std::size_t>(digits) > text.size() ? static_cast<std::size_t>(digits) - text.size() : 0, '0');
  out += text;
}

/// Takes a date apart from left to right; from the first part on that is wrong, all are.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_{text} {}

  void skip(std::string_view text) {
    good_ = good_ && rest_.starts_with(text);
    if (good_) rest_.remove_prefix(text.size());
  }

  int number(std::size_t digits, bool padded = false) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = rest_.empty() ? 'x' : rest_.front();
      const bool is_digit = c >= '0' && c <= '9';
      good_ = good_ && (is_digit || (padded && i == 0 && c == ' '));
      if (!good_) return 0;
      value = value * 10 + (is_digit ? c - '0' : 0);
      rest_.remove_prefix(1);
    }
    return value;
  }

  unsigned month() {
    for (unsigned i = 0; i < kMonths.size(); ++i) {
      if (!rest_.starts_with(kMonths[i])) continue;
      rest_.remove_prefix(kMonths[i].size());
      return i + 1;
    }
    good_ = false;
    return 0;
  }

  std::chrono::seconds clock() {
    const int hours = number(2);
    skip(":");
    const int minutes = number(2);
    skip(":");
    const int seconds = number(2);
    good_ = good_ && hours < 24 && minutes < 60 && seconds <= 60;
    return std::chrono::hours{hours} + std::chrono::minutes{minutes} + std::chrono::seconds{seconds};
  }

  std::optional<domain::Timestamp> finish(int year, unsigned month, int day, std::chrono::seconds clock) const {
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!good_ || !rest_.empty() || !date.ok()) return std::nullopt;
    return domain::Timestamp{std::chrono::sys_days{date} + clock};
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<domain::Timestamp> parse_asctime(std::string_view text) {
  DateReader reader{text};
  const auto month = reader.month();
  reader.skip(" ");
  const int day = reader.number(2, true);
  reader.skip(" ");
  const auto clock = reader.clock();
  reader.skip(" ");
  return reader.finish(reader.number(4), month, day, clock);
}

/// `separator`: a blank before a year of four digits, a dash before one of two.
std::optional<domain::Timestamp> parse_day_first(std::string_view text, std::string_view separator) {
  DateReader reader{text};
  const int day = reader.number(2);
  reader.skip(separator);
  const auto month = reader.month();
  reader.skip(separator);
  const bool whole = separator == " ";
  int year = reader.number(whole ? 4 : 2);
  if (!whole) year += year < 70 ? 2000 : 1900;
  reader.skip(" ");
  const auto clock = reader.clock();
  reader.skip(" GMT");
  return reader.finish(year, month, day, clock);
}

}  // namespace

std::optional<domain::Timestamp> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 7> kLongDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};
  for (const auto day : kLongDays) {
    if (text.starts_with(day) && text.substr(day.size()).starts_with(", ")) {
      return parse_day_first(text.substr(day.size() + 2), "-");
    }
  }
  for (const auto day : kDays) {
    if (!text.starts_with(day)) continue;
    const auto rest = text.substr(day.size());
    if (rest.starts_with(", ")) return parse_day_first(rest.substr(2), " ");
    if (rest.starts_with(" ")) return parse_asctime(rest.substr(1));
  }
  return std::nullopt;
}

std::string to_http_date(domain::Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  std::string out{kDays[std::chrono::weekday{day}.c_encoding()]};
  out += ", ";
  append_number(out, static_cast<unsigned>(date.day()), 2);
  out += ' ';
  out += kMonths[static_cast<unsigned>(date.month()) - 1];
  out += ' ';
  append_number(out, static_cast<int>(date.year()), 4);
  out += ' ';
  append_number(out, clock.hours().count(), 2);
  out += ':';
  append_number(out, clock.minutes().count(), 2);
  out += ':';
  append_number(out, clock.seconds().count(), 2);
  return out + " GMT";
}

}  // namespace danwa::adapters::http
