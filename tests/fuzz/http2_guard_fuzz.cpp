// libFuzzer entry: the guard of HTTP/2 frames never crashes, lets the same bytes through and refuses for the same
// reason however both sides' bytes are cut, and forwards accepted bytes unchanged.
// Built with -DDANWA_FUZZ=ON and clang: ./build/fuzz/fuzzers/http2_guard_fuzz -max_total_time=30
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/http2_frames.hpp"

namespace {

using danwa::adapters::http2::GuardLimits;
using danwa::tests::GuardRecord;

/// Small enough for an input of a few hundred bytes to reach each of them.
GuardLimits small_limits() {
  GuardLimits limits;
  limits.header_block = 64;
  limits.continuations = 3;
  limits.open_streams = 4;
  limits.resets = limits.settings = limits.pings = limits.window_updates = {3, 1};
  limits.empty_data = limits.stray_frames = limits.other_frames = {2, 1};
  return limits;
}

bool same(const GuardRecord& a, const GuardRecord& b) {
  return a.forwarded == b.forwarded && a.refusal() == b.refusal() && a.guard.open_streams() == b.guard.open_streams() &&
         a.guard.last_stream() == b.guard.last_stream() && a.guard.header_deadline() == b.guard.header_deadline() &&
         a.guard.server_between_frames() == b.guard.server_between_frames() &&
         a.guard.server_leaves() == b.guard.server_leaves();
}

/// The client's bytes, the server's, and more of the client's.
void play(GuardRecord& record, std::string_view client, std::string_view server, std::size_t step) {
  record.client_in_steps(client, step);
  record.server_in_steps(server, step);
  record.client_in_steps(server, step);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data + 3), size - 3};
  std::string client;
  if ((data[0] & 1) == 0) client += danwa::adapters::http2::kPreface;
  client += bytes;
  const auto server = bytes.substr(bytes.size() * data[2] / 256);
  GuardRecord whole{small_limits()};
  GuardRecord pieces{small_limits()};
  play(whole, client, server, size + 24);
  play(pieces, client, server, 1 + data[1] % 16);
  client += server;
  if (!same(whole, pieces) || !client.starts_with(whole.forwarded)) std::abort();
  return 0;
}
