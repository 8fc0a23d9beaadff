#include "infra/system/identity.hpp"

#include <sys/random.h>
#include <cerrno>
#include <cstdlib>
#include <vector>

namespace danwa::system {

void fill_random(std::span<std::byte> out) {
  while (!out.empty()) {
    const auto got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::string random_hex(std::size_t bytes) {
  std::vector<std::byte> raw(bytes);
  fill_random(raw);
  std::string text;
  text.reserve(bytes * 2);
  for (const auto byte : raw) {
    const auto value = std::to_integer<unsigned>(byte);
    text.push_back("0123456789abcdef"[value >> 4]);
    text.push_back("0123456789abcdef"[value & 0x0F]);
  }
  return text;
}

std::uint64_t UuidV7Generator::random_bits() {
  if (pool_used_ == pool_.size()) {
    fill_random(std::as_writable_bytes(std::span{pool_}));
    pool_used_ = 0;
  }
  return pool_[pool_used_++];
}

domain::Uuid UuidV7Generator::next() {
  const auto now = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count());
  const std::lock_guard lock{mutex_};
  if (now > last_ms_) {
    last_ms_ = now;
    counter_ = static_cast<std::uint32_t>(random_bits() & 0x1FF);  // leaves 3,500 more ids for this millisecond
  } else if (++counter_ > 0xFFF) {
    ++last_ms_;  // borrows from the next millisecond instead of repeating an id
    counter_ = 0;
  }
  const std::uint64_t random = random_bits();
  domain::Uuid::Bytes bytes{};
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(last_ms_ >> (40 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | (counter_ >> 8));
  bytes[7] = static_cast<std::uint8_t>(counter_);
  for (std::size_t i = 0; i < 8; ++i) bytes[8 + i] = static_cast<std::uint8_t>(random >> (56 - 8 * i));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3F));
  return domain::Uuid{bytes};
}

}  // namespace danwa::system
