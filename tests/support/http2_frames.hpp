#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/protocol/http2/frame_guard.hpp"

namespace danwa::tests {

/// `number` in network order.
inline std::string http2_number(std::uint32_t number, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>((number >> shift) & 0xFF));
  return out;
}

inline std::string http2_frame(adapters::http2::FrameType type, std::uint8_t flags, std::uint32_t stream,
                               std::string_view payload = "") {
  return http2_number(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + http2_number(stream, 4) + std::string{payload};
}

/// A guard and what it has let through, at a time that the test sets.
class GuardRecord {
 public:
  using Guard = adapters::http2::FrameGuard;

  explicit GuardRecord(const adapters::http2::GuardLimits& limits) : guard{limits} {}

  void client(std::string_view bytes) {
    const auto accepted = guard.from_client(bytes, now);
    forwarded += accepted.held;
    forwarded += accepted.pass;
  }
  void server(std::string_view bytes) { guard.from_server(bytes, now); }

  /// Both sides' bytes, in pieces of `step`.
  void client_in_steps(std::string_view bytes, std::size_t step) {
    for (std::size_t at = 0; at < bytes.size(); at += step) client(bytes.substr(at, step));
  }
  void server_in_steps(std::string_view bytes, std::size_t step) {
    for (std::size_t at = 0; at < bytes.size(); at += step) server(bytes.substr(at, step));
  }

  std::string refusal() const { return guard.refusal() ? std::string{guard.refusal()->reason} : "none"; }

  Guard guard;
  Guard::Time now{std::chrono::hours{1}};
  std::string forwarded;
};

}  // namespace danwa::tests
