#include "adapters/graphql/string_literal.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace danwa::adapters::graphql {
namespace {

constexpr std::string_view kBlank = " \t";

void append_utf8(std::string& out, char32_t code) {
  const auto push = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return push(code);
  if (code < 0x800) {
    push(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    push(0xE0 | (code >> 12));
    push(0x80 | ((code >> 6) & 0x3F));
  } else {
    push(0xF0 | (code >> 18));
    push(0x80 | ((code >> 12) & 0x3F));
    push(0x80 | ((code >> 6) & 0x3F));
  }
  push(0x80 | (code & 0x3F));
}

std::optional<char32_t> hex(std::string_view digits) {
  char32_t value = 0;
  if (digits.empty()) return std::nullopt;
  for (const char c : digits) {
    const auto digit = std::string_view{"0123456789abcdef"}.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    if (digit == std::string_view::npos || value > 0x10FFFF) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value;
}

bool is_high(char32_t code) { return code >= 0xD800 && code <= 0xDBFF; }
bool is_low(char32_t code) { return code >= 0xDC00 && code <= 0xDFFF; }

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
    if (!unit || is_low(*unit)) return false;
    if (!is_high(*unit)) return append(*unit, 6);
    const auto low = four_digits(at_ + 6);
    if (!low || !is_low(*low)) return false;
    return append(0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), 12);
  }

  bool braced() {
    const auto end = raw_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const auto code = hex(raw_.substr(at_ + 3, end - at_ - 3));
    if (!code || *code > 0x10FFFF || is_high(*code) || is_low(*code)) return false;
    return append(*code, end + 1 - at_);
  }

  std::optional<char32_t> four_digits(std::size_t at) const {
    if (raw_.size() < at + 6 || raw_.substr(at, 2) != "\\u") return std::nullopt;
    return hex(raw_.substr(at + 2, 4));
  }

  bool append(char32_t code, std::size_t used) {
    append_utf8(out_, code);
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
