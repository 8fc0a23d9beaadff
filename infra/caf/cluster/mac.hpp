#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace danwa::infra {

using Mac = std::array<std::uint8_t, 32>;
using Nonce = std::array<std::uint8_t, 32>;

/// HMAC-SHA256 (RFC 2104). The key may be empty. Throws std::runtime_error if OpenSSL fails.
Mac hmac_sha256(std::string_view key, std::string_view text);

/// Compares in constant time.
bool equal(const Mac& mac, std::string_view bytes);

/// Both throw std::runtime_error if the system has no randomness.
Nonce random_nonce();
std::uint64_t random_incarnation();

}  // namespace danwa::infra
