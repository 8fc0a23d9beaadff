#include "infra/jwt/ecdsa_form.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <memory>

namespace danwa::infra {
namespace {

constexpr int kNumber = 32;  // bytes of r and of s on P-256

using SignaturePtr = std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)>;

}  // namespace

std::optional<std::string> to_der(std::string_view r_and_s) {
  if (r_and_s.size() != 2 * kNumber) return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(r_and_s.data());
  const SignaturePtr signature{ECDSA_SIG_new(), &ECDSA_SIG_free};
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes, kNumber, nullptr), BN_bin2bn(bytes + kNumber, kNumber, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string out{reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
  OPENSSL_free(der);
  return out;
}

std::string from_der(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const SignaturePtr signature{d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())), &ECDSA_SIG_free};
  std::string out(2 * kNumber, '\0');
  auto* target = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), target, kNumber);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), target + kNumber, kNumber);
  return out;
}

}  // namespace danwa::infra
