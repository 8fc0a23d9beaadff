#include "adapters/graphql/string_literal.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tao/pegtl/contrib/unescape.hpp>
#include <vector>

namespace danwa::adapters::graphql {
namespace {

constexpr std::string_view kBlank = " \t";

std::optional<unsigned> hex(std::string_view digits) {
  unsigned value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc{} || parsed != end) return std::nullopt;
  return value;
}

bool is_high(unsigned code) { return code >= 0xD800 && code <= 0xDBFF; }
bool is_low(unsigned code) { return code >= 0xDC00 && code <= 0xDFFF; }

/// Reads escapes one by one; `at_` stands behind the last one read.
class Decoder {
 public:
  explicit Decoder(std::string_view raw) : raw_{raw} {}

  tl::expected<std::string, StringFault> run() {
    while (at_ < raw_.size()) {
      const auto plain = std::min(raw_.find('\\', at_), raw_.size());
      out_ += raw_.substr(at_, plain - at_);
      at_ = plain;
      if (at_ < raw_.size() && !escape()) return tl::unexpected{StringFault{at_, "There is no such escape."}};
    }
    return std::move(out_);
  }

 private:
  bool escape() {
    if (raw_.size() - at_ < 2) return false;
    if (raw_[at_ + 1] == 'u') return unicode();
    constexpr std::string_view kNames = "\"\\/bfnrt";
    const auto which = kNames.find(raw_[at_ + 1]);
    if (which == std::string_view::npos) return false;
    out_ += "\"\\/\b\f\n\r\t"[which];
    at_ += 2;
    return true;
  }

  bool unicode() {
    if (raw_.substr(at_, 3) == "\\u{") return braced();
    const auto unit = four_digits(at_);
    if (!unit) return false;
    if (!is_high(*unit)) return append(*unit, 6);
    const auto low = four_digits(at_ + 6);
    if (!low || !is_low(*low)) return false;
    return append(0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), 12);
  }

  bool braced() {
    const auto end = raw_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const auto code = hex(raw_.substr(at_ + 3, end - at_ - 3));
    return code && append(*code, end + 1 - at_);
  }

  std::optional<unsigned> four_digits(std::size_t at) const {
    if (raw_.size() < at + 6 || raw_.substr(at, 2) != "\\u") return std::nullopt;
    return hex(raw_.substr(at + 2, 4));
  }

  /// False for half a surrogate pair, and beyond the last code point.
  bool append(unsigned code, std::size_t used) {
    if (!tao::pegtl::unescape::utf8_append_utf32(out_, code)) return false;
    at_ += used;
    return true;
  }

  std::string_view raw_;
  std::size_t at_ = 0;
  std::string out_;
};

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t start = 0;;) {
    const auto end = text.find_first_of("\r\n", start);
    lines.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return lines;
    start = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
  }
}

bool is_blank(std::string_view line) { return line.find_first_not_of(kBlank) == std::string_view::npos; }

std::size_t common_indent(const std::vector<std::string_view>& lines) {
  std::size_t least = std::string_view::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!is_blank(lines[i])) least = std::min(least, lines[i].find_first_not_of(kBlank));
  }
  return least == std::string_view::npos ? 0 : least;
}

void append_unescaped(std::string& out, std::string_view line) {
  constexpr std::string_view kEscaped = "\\\"\"\"";
  for (auto at = line.find(kEscaped); at != std::string_view::npos; at = line.find(kEscaped)) {
    out += line.substr(0, at);
    out += kEscaped.substr(1);
    line.remove_prefix(at + kEscaped.size());
  }
  out += line;
}

}  // namespace

tl::expected<std::string, StringFault> decode_string(std::string_view raw) { return Decoder{raw}.run(); }

std::string decode_block_string(std::string_view raw) {
  auto lines = split_lines(raw);
  const auto indent = common_indent(lines);
  for (std::size_t i = 1; i < lines.size(); ++i) lines[i].remove_prefix(std::min(indent, lines[i].size()));
  while (!lines.empty() && is_blank(lines.back())) lines.pop_back();
  const auto first = std::find_if_not(lines.begin(), lines.end(), is_blank);
  std::string out;
  for (auto line = first; line != lines.end(); ++line) {
    if (line != first) out += '\n';
    append_unescaped(out, *line);
  }
  return out;
}

}  // namespace danwa::adapters::graphql
