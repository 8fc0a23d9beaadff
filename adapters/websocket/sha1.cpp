#include "adapters/websocket/sha1.hpp"

#include <bit>
#include <cstddef>
#include <string>

namespace danwa::adapters::websocket {
namespace {

using State = std::array<std::uint32_t, 5>;
constexpr std::size_t kBlock = 64;

std::uint32_t word_at(std::string_view bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return word;
}

struct Round {
  std::uint32_t mix;
  std::uint32_t constant;
};

Round round_of(std::size_t t, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  if (t < 20) return {(b & c) | (~b & d), 0x5A827999};
  if (t < 40) return {b ^ c ^ d, 0x6ED9EBA1};
  if (t < 60) return {(b & c) | (b & d) | (c & d), 0x8F1BBCDC};
  return {b ^ c ^ d, 0xCA62C1D6};
}

void add_block(State& state, std::string_view block) {
  std::array<std::uint32_t, 80> schedule{};
  for (std::size_t t = 0; t < 16; ++t) schedule[t] = word_at(block, 4 * t);
  for (std::size_t t = 16; t < 80; ++t) {
    schedule[t] = std::rotl(schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16], 1);
  }
  auto [a, b, c, d, e] = state;
  for (std::size_t t = 0; t < 80; ++t) {
    const auto [mix, constant] = round_of(t, b, c, d);
    const std::uint32_t next = std::rotl(a, 5) + mix + e + constant + schedule[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  const State added{a, b, c, d, e};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += added[i];
}

}  // namespace

std::array<std::uint8_t, 20> sha1(std::string_view message) {
  std::string padded{message};
  padded.push_back(static_cast<char>(0x80));
  while (padded.size() % kBlock != kBlock - 8) padded.push_back('\0');
  const std::uint64_t bits = std::uint64_t{message.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8) padded.push_back(static_cast<char>((bits >> shift) & 0xFF));

  State state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t at = 0; at < padded.size(); at += kBlock)
    add_block(state, std::string_view{padded}.substr(at, kBlock));

  std::array<std::uint8_t, 20> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)) & 0xFF);
  }
  return digest;
}

}  // namespace danwa::adapters::websocket
