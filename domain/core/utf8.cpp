#include "domain/core/utf8.hpp"

#include <cstdint>

namespace danwa::domain {
namespace {

/// Length of the sequence that starts with `lead` and the range its second byte must lie in
/// (Unicode 15, table 3-7).
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

}  // namespace danwa::domain
