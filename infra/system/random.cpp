#include "infra/system/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

namespace danwa::infra {

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

}  // namespace danwa::infra
