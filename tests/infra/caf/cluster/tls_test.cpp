#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>

#include "infra/caf/cluster/test_node.hpp"

namespace danwa::caf {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;

/// A certificate authority of its own that writes what nodes need into a folder.
class Authority {
 public:
  explicit Authority(const std::string& folder) : folder_{folder}, key_{new_key()}, certificate_{new_certificate()} {
    X509_set_pubkey(certificate_.get(), key_.get());
    name(certificate_.get(), "ca");
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    write_certificate("ca.pem", certificate_.get());
  }

  ClusterTls issue(const std::string& subject) const {
    const auto key = new_key();
    const auto certificate = new_certificate();
    X509_set_pubkey(certificate.get(), key.get());
    name(certificate.get(), subject);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    write_certificate(subject + ".pem", certificate.get());
    std::FILE* const file = std::fopen((folder_ + "/" + subject + ".key").c_str(), "w");
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    return {folder_ + "/" + subject + ".pem", folder_ + "/" + subject + ".key", folder_ + "/ca.pem"};
  }

 private:
  static KeyPtr new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }
  static CertificatePtr new_certificate() {
    CertificatePtr certificate{X509_new(), X509_free};
    static long serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
    return certificate;
  }
  static void name(X509* certificate, const std::string& text) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  }
  void write_certificate(const std::string& file_name, X509* certificate) const {
    std::FILE* const file = std::fopen((folder_ + "/" + file_name).c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
  }

  std::string folder_;
  KeyPtr key_;
  CertificatePtr certificate_;
};

struct ClusterWithTls : testing::Test {
  ClusterWithTls() {
    std::string pattern = testing::TempDir() + "danwa-tls-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(folder + "/foreign");
  }
  ~ClusterWithTls() override { std::filesystem::remove_all(folder); }

  static std::unique_ptr<TestNode> node(const std::string& name, std::optional<ClusterTls> tls,
                                        const std::string& seed = "127.0.0.1:1") {
    ClusterOptions options;
    options.name = name;
    options.listen = "127.0.0.1:0";
    options.seeds = {seed};
    options.tls = std::move(tls);
    return std::make_unique<TestNode>(options);
  }

  std::string folder;
};

TEST_F(ClusterWithTls, LinksNodesWithCertificatesOfTheSameAuthority) {
  const Authority authority{folder};
  const auto one = node("node-1", authority.issue("one"));
  auto two = node("node-2", authority.issue("two"), one->address());
  ASSERT_TRUE(eventually([&] { return one->sees_up("node-2") && two->sees_up("node-1"); }));
  for (domain::Seq seq = 1; seq <= 500; ++seq) {
    one->send("room", seq, 2'000);
    two->send("room", seq, 2'000);
  }
  EXPECT_TRUE(eventually([&] { return one->seqs_of("room").size() == 500 && two->seqs_of("room").size() == 500; }));
  two.reset();
  EXPECT_TRUE(eventually([&] { return !one->sees_up("node-2"); }, std::chrono::seconds{5}));
}

TEST_F(ClusterWithTls, RefusesACertificateOfAnotherAuthority) {
  const Authority authority{folder};
  const Authority foreign{folder + "/foreign"};
  auto stranger_tls = foreign.issue("stranger");
  stranger_tls.ca_file = folder + "/ca.pem";  // it would trust the others
  const auto one = node("node-1", authority.issue("one"));
  const auto stranger = node("stranger", stranger_tls, one->address());
  EXPECT_TRUE(eventually([&] { return one->logged("cluster.refused reason=tls"); }));
  EXPECT_FALSE(one->sees_up("stranger"));
}

TEST_F(ClusterWithTls, RefusesAPeerWithoutTls) {
  const Authority authority{folder};
  const auto one = node("node-1", authority.issue("one"));
  const auto plain = node("plain", std::nullopt, one->address());
  EXPECT_TRUE(eventually([&] { return one->logged("cluster.refused reason=tls"); }));
  EXPECT_FALSE(one->sees_up("plain"));
}

TEST_F(ClusterWithTls, RefusesAKeyThatIsNotTheCertificates) {
  const Authority authority{folder};
  auto mixed = authority.issue("one");
  mixed.key_file = authority.issue("two").key_file;
  EXPECT_THROW(node("node-1", mixed), std::runtime_error);
}

}  // namespace
}  // namespace danwa::caf
