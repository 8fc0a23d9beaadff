#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

#include "usecase/ports/system.hpp"

namespace danwa::system {

/// Fills `out` from the kernel's random generator. Ends the process if the kernel fails.
void fill_random(std::span<std::byte> out);

/// `bytes` random bytes in lower-case hexadecimal.
std::string random_hex(std::size_t bytes);

/// The machine's clock. Thread safe.
class SystemClock final : public usecase::Clock {
 public:
  domain::Timestamp now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

/// UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, a 12-bit counter, 62 random bits. The counter keeps the ids
/// of one process ascending within a millisecond and when the clock goes back. Thread safe.
class UuidV7Generator final : public usecase::IdGenerator {
 public:
  explicit UuidV7Generator(const usecase::Clock& clock) : clock_{clock} {}
  domain::Uuid next() override;

 private:
  std::uint64_t random_bits();  // under mutex_

  const usecase::Clock& clock_;
  std::mutex mutex_;  // any thread makes ids; guards the state below
  std::uint64_t last_ms_ = 0;
  std::uint32_t counter_ = 0;  // 12 bits
  std::array<std::uint64_t, 64> pool_{};
  std::size_t pool_used_ = 64;
};

}  // namespace danwa::system
