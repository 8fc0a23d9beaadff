#pragma once

#include <cstdint>
#include <string_view>

namespace danwa::adapters::websocket {

/// Checks UTF-8 (RFC 3629) that arrives in pieces, cut anywhere. Finds a wrong byte at once, not at the end of its
/// sequence. Plain value, 3 bytes.
class Utf8Stream {
 public:
  /// False from the first byte on that no well-formed text can have at its place.
  bool feed(std::string_view piece);

  /// True between two code points.
  bool complete() const { return missing_ == 0; }
  void reset() { *this = Utf8Stream{}; }

 private:
  bool lead(std::uint8_t byte);

  std::uint8_t missing_ = 0;  // bytes that the current sequence still needs
  std::uint8_t min_ = 0x80;   // range of the next byte
  std::uint8_t max_ = 0xBF;
};

}  // namespace danwa::adapters::websocket
