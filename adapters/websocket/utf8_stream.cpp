#include "adapters/websocket/utf8_stream.hpp"

#include <cstddef>
#include <cstring>

namespace danwa::adapters::websocket {
namespace {

/// Length of the leading run of ASCII, in steps of eight bytes.
std::size_t ascii_run(std::string_view text) {
  std::size_t run = 0;
  for (std::uint64_t word = 0; text.size() - run >= sizeof word; run += sizeof word) {
    std::memcpy(&word, text.data() + run, sizeof word);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  return run;
}

}  // namespace

bool Utf8Stream::feed(std::string_view piece) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (missing_ == 0) {
      i += ascii_run(piece.substr(i));
      if (i == piece.size()) break;
      if (!lead(static_cast<std::uint8_t>(piece[i]))) return false;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(piece[i]);
    if (byte < min_ || byte > max_) return false;
    --missing_;
    min_ = 0x80;
    max_ = 0xBF;
  }
  return true;
}

// Unicode 15, table 3-7: the range of the second byte excludes overlong forms, surrogates and values that are too
// large.
bool Utf8Stream::lead(std::uint8_t byte) {
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) min_ = 0xA0;
  if (byte == 0xED) max_ = 0x9F;
  if (byte == 0xF0) min_ = 0x90;
  if (byte == 0xF4) max_ = 0x8F;
  return true;
}

}  // namespace danwa::adapters::websocket
