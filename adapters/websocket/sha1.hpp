#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace danwa::adapters::websocket {

/// SHA-1 (FIPS 180-4). Only for the WebSocket handshake, where it is not a security measure.
std::array<std::uint8_t, 20> sha1(std::string_view message);

}  // namespace danwa::adapters::websocket
