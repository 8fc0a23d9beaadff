#include "infra/caf/cluster/mac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace danwa::infra {

Mac hmac_sha256(std::string_view key, std::string_view text) {
  Mac mac{};
  const char* start = key.empty() ? "" : key.data();  // OpenSSL takes a null key as "the key of the last call"
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
  if (HMAC(EVP_sha256(), start, static_cast<int>(key.size()), bytes, text.size(), mac.data(), nullptr) == nullptr) {
    throw std::runtime_error{"OpenSSL has no HMAC-SHA256"};
  }
  return mac;
}

bool equal(const Mac& mac, std::string_view bytes) {
  return bytes.size() == mac.size() && CRYPTO_memcmp(mac.data(), bytes.data(), mac.size()) == 0;
}

Nonce random_nonce() {
  Nonce nonce{};
  if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1) throw std::runtime_error{"no randomness"};
  return nonce;
}

std::uint64_t random_incarnation() {
  const Nonce nonce = random_nonce();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8) | nonce[i];
  return value;
}

}  // namespace danwa::infra
