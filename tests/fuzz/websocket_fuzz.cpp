// libFuzzer entry: the WebSocket frame parser never crashes, and says the same however its bytes are cut.
// Built with -DDANWA_FUZZ=ON and clang: ./build/fuzz/tests/websocket_fuzz -max_total_time=30
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "support/websocket_frames.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using danwa::tests::Transcript;
  if (size < 2) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data + 2), size - 2};
  const danwa::adapters::websocket::FrameParser::Limits limits{.max_message = 4'096, .binary = (data[1] & 1) != 0};
  Transcript whole{limits};
  whole.feed(bytes);
  Transcript pieces{limits};
  const std::size_t step = 1 + data[0] % 16;
  for (std::size_t at = 0; at < bytes.size(); at += step) pieces.feed(bytes.substr(at, step));
  if (whole.lines() != pieces.lines()) std::abort();
  return 0;
}
