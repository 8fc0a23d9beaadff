#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace danwa::app::bench {

/// A fast 64-bit hash of a text, eight bytes at a time. It only distinguishes the texts of one run.
inline std::uint64_t text_hash(std::string_view text) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;
  std::uint64_t hash = text.size() * kPrime + 0xD6E8FEB86659FD93ULL;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  };
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    mix(word);
    text.remove_prefix(8);
  }
  std::uint64_t last = 0;
  if (!text.empty()) std::memcpy(&last, text.data(), text.size());
  mix(last ^ 0x80);
  return hash;
}

}  // namespace danwa::app::bench
