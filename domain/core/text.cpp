#include "domain/core/text.hpp"

#include <cstdint>

namespace danwa::domain {

// UTF-8 is checked once, where a text enters. A text of the domain is well-formed from then on, so nothing behind it
// can be misled by an overlong form or a surrogate. Only the second byte of a sequence has a special range; it excludes
// those forms. Lengths are counted in code points, because a bound in bytes would depend on the language of the text.

namespace {

/// The length of the sequence that starts with `lead`, and the range of its second byte (Unicode 15, table 3-7).
struct Sequence {
  std::size_t length;
  std::uint8_t second_min;
  std::uint8_t second_max;
};

std::optional<Sequence> sequence_of(std::uint8_t lead) {
  if (lead < 0x80) return Sequence{1, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return Sequence{2, 0x80, 0xBF};
  if (lead == 0xE0) return Sequence{3, 0xA0, 0xBF};
  if (lead == 0xED) return Sequence{3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return Sequence{3, 0x80, 0xBF};
  if (lead == 0xF0) return Sequence{4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return Sequence{4, 0x80, 0xBF};
  if (lead == 0xF4) return Sequence{4, 0x80, 0x8F};
  return std::nullopt;
}

bool is_tail(char byte) { return (static_cast<std::uint8_t>(byte) & 0xC0) == 0x80; }

}  // namespace

std::optional<std::size_t> count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const auto sequence = sequence_of(static_cast<std::uint8_t>(text[i]));
    if (!sequence || text.size() - i < sequence->length) return std::nullopt;
    if (sequence->length > 1) {
      const auto second = static_cast<std::uint8_t>(text[i + 1]);
      if (second < sequence->second_min || second > sequence->second_max) return std::nullopt;
    }
    for (std::size_t k = 2; k < sequence->length; ++k) {
      if (!is_tail(text[i + k])) return std::nullopt;
    }
    i += sequence->length;
  }
  return count;
}

bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 0x0F]);
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>((high << 4) | low));
    i += 2;
  }
  return out;
}

Result<std::string> parse_text(std::string text, const TextRules& rules) {
  const std::string field{rules.resource};
  const auto length = count_code_points(text);
  if (!length) return fail(validation_error(field + "-invalid-utf8", field, field + " is not valid UTF-8."));
  if (*length == 0) return fail(validation_error(field + "-empty", field, field + " must not be empty."));
  if (*length > rules.max) {
    return fail(validation_error(field + "-too-long", field,
                                 field + " has " + std::to_string(*length) + " code points; at most " +
                                     std::to_string(rules.max) + " are allowed."));
  }
  const bool has_nul = text.find('\0') != std::string::npos;
  if (has_nul || (!rules.allow_controls && has_control_character(text))) {
    return fail(validation_error(field + "-control-character", field,
                                 field + " holds a control character that is not allowed."));
  }
  return text;
}

}  // namespace danwa::domain
