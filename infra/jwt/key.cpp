#include "infra/jwt/key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace danwa::jwt {

// Keys on OpenSSL 3's EVP interface. A key is checked once, when it is made: its type, its size and its parameters. So
// a weak key is refused at the start of the node and not at the first token. The algorithm belongs to the key, never to
// the token, so a token cannot choose how it is verified (RFC 8725: algorithm confusion). For the same reason an HS256
// secret that is a PEM file is refused: a public key must not serve as a secret.

namespace {

constexpr std::size_t kMinSecret = 32;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freed<&BIO_free_all>>;
using BnPtr = std::unique_ptr<BIGNUM, Freed<&BN_free>>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<&EVP_PKEY_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Freed<&EVP_MD_CTX_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freed<&OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Freed<&OSSL_PARAM_free>>;
using MacPtr = std::unique_ptr<EVP_MAC, Freed<&EVP_MAC_free>>;
using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, Freed<&EVP_MAC_CTX_free>>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

[[noreturn]] void refuse_key(const std::string& why) {
  ERR_clear_error();
  throw std::runtime_error{why};
}

BioPtr read_from(std::string_view text) { return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))}; }

std::shared_ptr<EVP_PKEY> from_params(const char* type, OSSL_PARAM_BLD* builder) {
  const ParamsPtr params{OSSL_PARAM_BLD_to_param(builder)};
  const ContextPtr context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* raw = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    refuse_key(std::string{"the JWK is not a usable "} + type + " key");
  }
  return {raw, &EVP_PKEY_free};
}

void check_rsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) refuse_key("RS256 needs an RSA key");
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    refuse_key("the RSA key has " + std::to_string(bits) + " bits; 2048 to 8192 are accepted");
  }
  BIGNUM* raw = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw);
  const BnPtr exponent{raw};
  if (!exponent || !BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) || BN_num_bits(exponent.get()) > 64) {
    refuse_key("the RSA key's public exponent is degenerate");
  }
}

void check_p256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) != 1 ||
      std::string_view{group.data(), size} != "prime256v1") {
    refuse_key("ES256 needs an EC key on the curve P-256");
  }
}

}  // namespace

void Key::check() {
  if (algorithm_ == JwtAlgorithm::rs256) check_rsa(pkey_.get());
  if (algorithm_ == JwtAlgorithm::es256) check_p256(pkey_.get());
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(pkey_.get(), &der);
  if (size <= 0) refuse_key("the key cannot be encoded");
  take_fingerprint({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
}

void Key::take_fingerprint(std::string_view of) {
  if (EVP_Digest(of.data(), of.size(), fingerprint_.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    refuse_key("SHA-256 failed");
  }
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

Key Key::secret(std::string_view bytes) {
  if (bytes.size() < kMinSecret) {
    refuse_key("the HS256 secret has " + std::to_string(bytes.size()) + " bytes; at least 32 are needed");
  }
  if (bytes.find("-----BEGIN") != std::string_view::npos) {
    refuse_key("the HS256 secret is a PEM file; a public key is no secret");
  }
  const MacPtr hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  Key key{JwtAlgorithm::hs256};
  key.keyed_.reset(EVP_MAC_CTX_new(hmac.get()), &EVP_MAC_CTX_free);
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                         OSSL_PARAM_construct_end()};
  if (EVP_MAC_init(key.keyed_.get(), bytes_of(bytes), bytes.size(), params.data()) != 1)
    refuse_key("HMAC-SHA256 failed");
  key.take_fingerprint(bytes);
  return key;
}

Key Key::public_pem(JwtAlgorithm algorithm, std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
    refuse_key("it holds a private key; a public one is needed");
  Key key{algorithm};
  key.pkey_.reset(PEM_read_bio_PUBKEY(read_from(pem).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (!key.pkey_) refuse_key("it holds no PEM public key");
  key.check();
  return key;
}

Key Key::private_pem(JwtAlgorithm algorithm, std::string_view pem) {
  Key key{algorithm};
  const auto no_password = [](char*, int, int, void*) { return 0; };
  key.pkey_.reset(PEM_read_bio_PrivateKey(read_from(pem).get(), nullptr, no_password, nullptr), &EVP_PKEY_free);
  if (!key.pkey_) refuse_key("it holds no PEM private key without a password");
  key.check();
  return key;
}

Key Key::rsa(std::string_view n, std::string_view e) {
  const BnPtr modulus{BN_bin2bn(bytes_of(n), static_cast<int>(n.size()), nullptr)};
  const BnPtr exponent{BN_bin2bn(bytes_of(e), static_cast<int>(e.size()), nullptr)};
  const BuilderPtr builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  Key key{JwtAlgorithm::rs256};
  key.pkey_ = from_params("RSA", builder.get());
  key.check();
  return key;
}

Key Key::p256(std::string_view x, std::string_view y) {
  if (x.size() != 32 || y.size() != 32) refuse_key("the JWK's x and y must have 32 bytes each");
  const std::string point = std::string(1, '\x04').append(x).append(y);
  const BuilderPtr builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  Key key{JwtAlgorithm::es256};
  key.pkey_ = from_params("EC", builder.get());
  key.check();
  return key;
}

std::string Key::mac(std::string_view input) const {
  const MacContextPtr context{EVP_MAC_CTX_dup(keyed_.get())};
  std::array<unsigned char, 32> out{};
  std::size_t size = 0;
  if (!context || EVP_MAC_update(context.get(), bytes_of(input), input.size()) != 1 ||
      EVP_MAC_final(context.get(), out.data(), &size, out.size()) != 1) {
    refuse_key("HMAC-SHA256 failed");
  }
  return {reinterpret_cast<const char*>(out.data()), size};
}

bool Key::verifies(std::string_view input, std::string_view signature) const {
  if (algorithm_ == JwtAlgorithm::hs256) {
    const std::string expected = mac(input);
    return signature.size() == expected.size() &&
           CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
  }
  std::string der;
  if (algorithm_ == JwtAlgorithm::es256) {
    auto converted = to_der(signature);
    if (!converted) return false;
    der = std::move(*converted);
    signature = der;
  }
  const DigestPtr context{EVP_MD_CTX_new()};
  const bool ok =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(input), input.size()) == 1;
  if (!ok) ERR_clear_error();
  return ok;
}

std::string Key::sign(std::string_view input) const {
  if (algorithm_ == JwtAlgorithm::hs256) return mac(input);
  const DigestPtr context{EVP_MD_CTX_new()};
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get())), '\0');
  std::size_t size = out.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes_of(input),
                     input.size()) != 1) {
    refuse_key("signing failed; is it a private key?");
  }
  out.resize(size);
  return algorithm_ == JwtAlgorithm::es256 ? from_der(out) : out;
}

}  // namespace danwa::jwt
