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

}  // namespace

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
