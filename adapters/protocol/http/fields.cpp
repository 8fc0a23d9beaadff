#include "adapters/protocol/http/fields.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

// The small parts of HTTP (RFC 9110) that several readers need: phrases of statuses, tokens, lists, parameters, dates.
// Each reader takes a text and returns a value or nothing; none throws. Characters are compared as bytes, because the
// functions of the C library depend on the locale. Dates are written in one form and read in three, as the standard
// requires.

namespace danwa::adapters::http {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr Phrase kPhrases[] = {
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace

std::string_view status_text(int status) {
  const auto* found = std::find_if(std::begin(kPhrases), std::end(kPhrases),
                                   [status](const Phrase& phrase) { return phrase.status == status; });
  return found == std::end(kPhrases) ? "Unknown" : found->text;
}

namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c : std::string_view{"!#$%&'*+-.^_`|~"}) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr auto kTokenTable = make_token_table();

}  // namespace

bool is_token_char(char c) { return kTokenTable[static_cast<unsigned char>(c)]; }

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string to_lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = to_lower(c);
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<std::string_view> next_element(std::string_view& list, char separator) {
  if (list.data() == nullptr) return std::nullopt;
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (quoted && list[i] == '\\') {
      ++i;
    } else if (list[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && list[i] == separator) {
      const auto element = list.substr(0, i);
      list.remove_prefix(i + 1);
      return trim(element);
    }
  }
  return trim(std::exchange(list, std::string_view{}));
}

namespace {

/// The text of a token or of a quoted string (RFC 9110 section 5.6.4); nullopt for any other text.
std::optional<std::string> read_value(std::string_view text) {
  if (is_token(text)) return std::string{text};
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
    value += text[i];
  }
  return value;
}

}  // namespace

std::optional<Parameter> Parameters::next() {
  while (!malformed_) {
    const auto element = next_element(rest_, ';');
    if (!element) return std::nullopt;
    if (element->empty()) continue;
    const auto equals = std::min(element->find('='), element->size());
    const auto name = element->substr(0, equals);
    auto value = equals < element->size() ? read_value(element->substr(equals + 1)) : std::nullopt;
    if (is_token(name) && value) return Parameter{name, std::move(*value)};
    malformed_ = true;
  }
  return std::nullopt;
}

namespace {

/// The usual form has the first three letters.
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads a date from left to right. After the first wrong part every read fails, so a caller checks once, in `finish`.
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

/// `separator`: a blank if the year has four digits, a dash if it has two.
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
  const auto name = text.substr(0, text.find_first_of(", "));
  const auto rest = text.substr(name.size());
  const bool comma = rest.starts_with(", ");
  for (const auto day : kDays) {
    if (comma && name == day) return parse_day_first(rest.substr(2), "-");
    if (name != day.substr(0, 3)) continue;
    if (comma) return parse_day_first(rest.substr(2), " ");
    if (rest.starts_with(' ')) return parse_asctime(rest.substr(1));
  }
  return std::nullopt;
}

std::string to_http_date(domain::Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto digits = domain::to_rfc3339(time);  // 2026-11-22T23:59:59.000Z
  std::string out{kDays[std::chrono::weekday{day}.c_encoding()].substr(0, 3)};
  out.append(", ").append(digits, 8, 2).append(" ").append(kMonths[static_cast<unsigned>(date.month()) - 1]);
  return out.append(" ").append(digits, 0, 4).append(" ").append(digits, 11, 8).append(" GMT");
}

}  // namespace danwa::adapters::http
