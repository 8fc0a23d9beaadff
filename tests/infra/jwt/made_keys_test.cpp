#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "infra/jwt/jwt_fixture.hpp"

namespace danwa::tests {
namespace {

using PkeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out{data, static_cast<std::size_t>(size)};
  BIO_free(bio);
  return out;
}

KeyPair to_pair(EVP_PKEY* key) {
  BIO* secret = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO* open = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(open, key);
  return {drain(secret), drain(open)};
}

std::string number(const EVP_PKEY* key, const char* name, int width) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key, name, &value);
  std::string out(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(value)), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  BN_free(value);
  return jwt::to_base64url(out);
}

}  // namespace

KeyPair make_rsa(unsigned bits, unsigned exponent) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr);
  EVP_PKEY* raw = nullptr;
  BIGNUM* e = BN_new();
  BN_set_word(e, exponent);
  EVP_PKEY_keygen_init(context);
  EVP_PKEY_CTX_set_rsa_keygen_bits(context, static_cast<int>(bits));
  EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e);
  EVP_PKEY_keygen(context, &raw);
  const PkeyPtr key{raw, &EVP_PKEY_free};
  BN_free(e);
  EVP_PKEY_CTX_free(context);
  return to_pair(key.get());
}

KeyPair make_ec(const char* curve) {
  const PkeyPtr key{EVP_EC_gen(curve), &EVP_PKEY_free};
  return to_pair(key.get());
}

std::string to_jwk(const KeyPair& pair, const std::string& kid, const std::string& more) {
  BIO* bio = BIO_new_mem_buf(pair.public_pem.data(), static_cast<int>(pair.public_pem.size()));
  const PkeyPtr key{PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr), &EVP_PKEY_free};
  BIO_free(bio);
  const std::string name = kid.empty() ? "" : R"("kid":")" + kid + "\",";
  if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA) {
    return "{" + name + more + R"("kty":"RSA","n":")" + number(key.get(), OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":")" +
           number(key.get(), OSSL_PKEY_PARAM_RSA_E, 0) + "\"}";
  }
  return "{" + name + more + R"("kty":"EC","crv":"P-256","x":")" + number(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32) +
         R"(","y":")" + number(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"}";
}

TEST(MadeKeys, SignAndVerifyUnderTheirAlgorithm) {
  const auto rsa = make_rsa(2048);
  const auto ec = make_ec("P-256");
  for (const auto& [algorithm, pair] : {std::pair{jwt::JwtAlgorithm::rs256, rsa}, {jwt::JwtAlgorithm::es256, ec}}) {
    const auto signature = jwt::Key::private_pem(algorithm, pair.private_pem).sign("text");
    const auto open = jwt::Key::public_pem(algorithm, pair.public_pem);
    EXPECT_TRUE(open.verifies("text", signature));
    EXPECT_FALSE(open.verifies("texT", signature));
  }
}

TEST(Es256, SignsWithRAndSInSixtyFourBytes) {
  const auto ec = make_ec("P-256");
  const auto key = jwt::Key::private_pem(jwt::JwtAlgorithm::es256, ec.private_pem);
  for (int i = 0; i < 64; ++i) ASSERT_EQ(key.sign("text " + std::to_string(i)).size(), 64U);
}

}  // namespace danwa::tests
