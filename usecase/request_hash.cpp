#include "usecase/request_hash.hpp"

#include <cstdint>

namespace danwa::usecase {
namespace {

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
  return hash;
}

void append_hex(std::string& out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back("0123456789abcdef"[(value >> shift) & 0x0F]);
}

}  // namespace

std::string request_hash(std::initializer_list<std::string_view> fields) {
  std::uint64_t low = 14695981039346656037ULL;
  std::uint64_t high = 0x6c62272e07bb0142ULL;
  // The lengths are part of the sums, so a character that moves from one field to the next changes the result.
  for (const auto field : fields) {
    const std::string length = std::to_string(field.size()) + ":";
    low = fnv1a(fnv1a(low, length), field);
    high = fnv1a(fnv1a(high, field), length);
  }
  std::string out;
  out.reserve(32);
  append_hex(out, high);
  append_hex(out, low);
  return out;
}

}  // namespace danwa::usecase
