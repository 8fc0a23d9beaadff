#include <thread>

#include "infra/jwt/jwt_fixture.hpp"
#include "infra/jwt/jwt_verifier.hpp"

namespace danwa::tests {
namespace {

class JwtKeys : public testing::Test {
 protected:
  jwt::JwtOptions options(const std::string& algorithm, const std::string& key_file, const std::string& jwks = "") {
    return {.algorithm = algorithm,
            .key_file = key_file,
            .jwks_file = jwks,
            .audience = "",
            .issuer = "",
            .leeway_seconds = 0,
            .look_every = std::chrono::milliseconds{0}};
  }
  /// The one line with which the verifier refuses to start; empty when it starts.
  std::string start(const jwt::JwtOptions& wanted) {
    try {
      const jwt::JwtVerifier verifier{wanted, log, metrics, clock};
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }
  bool refuses(const jwt::JwtOptions& wanted, const std::string& with) {
    const auto line = start(wanted);
    if (line.find(with) != std::string::npos) return true;
    ADD_FAILURE() << "wanted \"" << with << "\", got \"" << line << '"';
    return false;
  }
  std::string rsa_token(const KeyPair& pair, const std::string& header) {
    return sign_text(header, kClaims, jwt::Key::private_pem(jwt::JwtAlgorithm::rs256, pair.private_pem));
  }

  TempDir dir;
  LineLogger log;
  adapters::Metrics metrics;
  HandClock clock;
};

TEST_F(JwtKeys, WeakOrUnfitOnesRefuseToStart) {
  const auto rsa = make_rsa(2048);
  refuses(options("HS256", dir.write("k", "secret")), "has 6 bytes; at least 32");
  refuses(options("HS256", dir.write("k", std::string(31, 'x') + "\n")), "has 31 bytes");
  refuses(options("HS256", dir.write("k", "")), "has 0 bytes");
  refuses(options("HS256", dir.write("k", rsa.public_pem)), "a public key is no secret");
  refuses(options("HS256", "/nonexistent/key"), "No such file");
  refuses(options("RS256", dir.write("k", make_rsa(1024).public_pem)), "has 1024 bits");
  refuses(options("RS256", dir.write("k", make_ec("P-256").public_pem)), "needs an RSA key");
  refuses(options("RS256", dir.write("k", rsa.private_pem)), "a public one is needed");
  refuses(options("RS256", dir.write("k", "nonsense")), "no PEM public key");
  refuses(options("ES256", dir.write("k", make_ec("P-384").public_pem)), "curve P-256");
  refuses(options("ES256", dir.write("k", make_ec("secp256k1").public_pem)), "curve P-256");
  refuses(options("ES256", dir.write("k", rsa.public_pem)), "curve P-256");
}

TEST_F(JwtKeys, UnusableOptionsRefuseToStart) {
  const auto key = dir.write("k", kSecret);
  refuses(options("PS256", key), "HS256, RS256 or ES256");
  refuses(options("none", key), "HS256, RS256 or ES256");
  refuses(options("", key), "HS256, RS256 or ES256");
  refuses(options("HS256", ""), "either key_file or jwks_file");
  refuses(options("RS256", key, key), "either key_file or jwks_file");
  refuses(options("HS256", "", dir.write("j", R"({"keys":[]})")), "takes a key file");
}

TEST_F(JwtKeys, BrokenJwkSetsRefuseToStart) {
  const auto set = [&](const std::string& algorithm, const std::string& text) {
    return options(algorithm, "", dir.write("set", text));
  };
  const auto rsa = make_rsa(2048);
  refuses(set("RS256", "{}"), "no JWK set");
  refuses(set("RS256", "[]"), "no JWK set");
  refuses(set("RS256", R"({"keys":[]})"), "no signature key for RS256");
  refuses(set("ES256", R"({"keys":[)" + to_jwk(rsa, "a") + "]}"), "no signature key for ES256");
  refuses(set("RS256", R"({"keys":[)" + to_jwk(rsa, "a", R"("use":"enc",)") + "]}"), "no signature key");
  refuses(set("RS256", R"({"keys":[)" + to_jwk(rsa, "a", R"("alg":"RS512",)") + "]}"), "no signature key");
  refuses(set("RS256", R"({"keys":[)" + to_jwk(make_rsa(1024), "a") + "]}"), "1024 bits");
  refuses(
      set("RS256", R"({"keys":[{"kty":"RSA","n":")" + jwt::to_base64url(std::string(256, '\xff')) + R"(","e":"AQ"}]})"),
      "degenerate");
  refuses(set("ES256", R"({"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]})"), "32 bytes");
  const auto off_curve = jwt::to_base64url(std::string(32, '\x11'));
  refuses(set("ES256", R"({"keys":[{"kty":"EC","crv":"P-256","x":")" + off_curve + R"(","y":")" + off_curve + "\"}]}"),
          "not a usable EC key");
}

TEST_F(JwtKeys, KidPicksTheKeyOfAJwkSet) {
  const auto a = make_rsa(2048);
  const auto b = make_rsa(2048);
  const auto set = dir.write("set", R"({"keys":[)" + to_jwk(a, "a", R"("use":"sig","alg":"RS256",)") + ',' +
                                        to_jwk(b, "b") + ',' + to_jwk(make_ec("P-256"), "c") + "]}");
  const jwt::JwtVerifier verifier{options("RS256", "", set), log, metrics, clock};
  EXPECT_TRUE(who_of(verifier, rsa_token(a, R"({"alg":"RS256","kid":"a"})")).has_value());
  EXPECT_TRUE(who_of(verifier, rsa_token(b, R"({"alg":"RS256","kid":"b"})")).has_value());
  EXPECT_FALSE(who_of(verifier, rsa_token(a, R"({"alg":"RS256","kid":"b"})")).has_value());
  EXPECT_FALSE(who_of(verifier, rsa_token(a, R"({"alg":"RS256","kid":"c"})")).has_value());
  EXPECT_FALSE(who_of(verifier, rsa_token(a, R"({"alg":"RS256","kid":""})")).has_value());
  EXPECT_FALSE(who_of(verifier, rsa_token(a, R"({"alg":"RS256","kid":"../a"})")).has_value());
  EXPECT_FALSE(who_of(verifier, rsa_token(a, R"({"alg":"RS256"})")).has_value()) << "two keys, no kid";
}

TEST_F(JwtKeys, ATokenWithoutKidFitsASetOfOne) {
  const auto ec = make_ec("P-256");
  const auto set = dir.write("set", R"({"keys":[)" + to_jwk(ec, "only") + "]}");
  const jwt::JwtVerifier verifier{options("ES256", "", set), log, metrics, clock};
  const auto key = jwt::Key::private_pem(jwt::JwtAlgorithm::es256, ec.private_pem);
  EXPECT_TRUE(who_of(verifier, sign_text(R"({"alg":"ES256"})", kClaims, key)).has_value());
  EXPECT_TRUE(who_of(verifier, sign_text(R"({"alg":"ES256","kid":"only"})", kClaims, key)).has_value());
  EXPECT_FALSE(who_of(verifier, sign_text(R"({"alg":"ES256","kid":"other"})", kClaims, key)).has_value());
}

TEST_F(JwtKeys, ANewKeyReplacesTheOldOneWithoutARestart) {
  const auto file = dir.write("k", kSecret);
  const jwt::JwtVerifier verifier{options("HS256", file), log, metrics, clock};
  const std::string next = "another secret, of more than 32 bytes, too";
  const auto old_token = sign_text(kHeader, kClaims);
  const auto new_token = sign_text(kHeader, kClaims, jwt::Key::secret(next));
  EXPECT_TRUE(who_of(verifier, old_token).has_value());
  EXPECT_FALSE(who_of(verifier, new_token).has_value());
  dir.write("k", next);
  EXPECT_TRUE(who_of(verifier, new_token).has_value());
  EXPECT_FALSE(who_of(verifier, old_token).has_value()) << "also when it was remembered as verified";
}

TEST_F(JwtKeys, ABrokenNewFileKeepsTheOldKeysAndIsLogged) {
  const auto file = dir.write("k", kSecret);
  const jwt::JwtVerifier verifier{options("HS256", file), log, metrics, clock};
  const auto token = sign_text(kHeader, kClaims);
  dir.write("k", "short");
  EXPECT_TRUE(who_of(verifier, token).has_value());
  ASSERT_EQ(log.lines().size(), 1U);
  EXPECT_NE(log.lines()[0].find("auth.keys_kept"), std::string::npos);
  EXPECT_EQ(log.lines()[0].find("secret that"), std::string::npos);
  std::remove(file.c_str());
  EXPECT_TRUE(who_of(verifier, token).has_value());
  EXPECT_TRUE(who_of(verifier, token).has_value());
  EXPECT_EQ(log.lines().size(), 2U) << "one line a change, not one a request";
  dir.write("k", kSecret);
  EXPECT_TRUE(who_of(verifier, token).has_value());
}

TEST_F(JwtKeys, TheFileIsLookedAtOnceInAWhileOnly) {
  auto wanted = options("HS256", dir.write("k", kSecret));
  wanted.look_every = std::chrono::hours{1};
  const jwt::JwtVerifier verifier{wanted, log, metrics, clock};
  dir.write("k", "another secret, of more than 32 bytes, too");
  EXPECT_TRUE(who_of(verifier, sign_text(kHeader, kClaims)).has_value());
}

TEST_F(JwtKeys, ManyThreadsVerifyWhileKeysRotate) {
  const std::string next = "another secret, of more than 32 bytes, too";
  const jwt::JwtVerifier verifier{options("HS256", dir.write("k", kSecret)), log, metrics, clock};
  const auto token = sign_text(kHeader, kClaims);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) (void)who_of(verifier, token);
    });
  }
  for (int i = 0; i < 20; ++i) dir.write("k", i % 2 == 0 ? next : kSecret);
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(who_of(verifier, token).has_value());
}

TEST(DevelopmentVerifier, TakesTheBearerStringAsTheUser) {
  const jwt::DevelopmentVerifier verifier;
  const auto who = who_of(verifier, "user-1");
  ASSERT_TRUE(who.has_value());
  EXPECT_EQ(who->user.value(), "user-1");
  EXPECT_EQ(who->company.value(), "demo");
  EXPECT_TRUE(who->allows(domain::Verb::send, *domain::ConversationKey::parse("any")));
}

TEST(DevelopmentVerifier, RefusesWhatIsNoUserId) {
  const jwt::DevelopmentVerifier verifier;
  for (const std::string& bad :
       {std::string{}, std::string{"a\nb"}, std::string(256, 'x'), std::string{"\xff"}, std::string(1, '\0')}) {
    const auto who = who_of(verifier, bad);
    ASSERT_FALSE(who.has_value());
    EXPECT_EQ(who.error().first().code, "token-invalid");
  }
}

TEST(DevelopmentVerifier, LetsAnyoneReadAndNothingElse) {
  const jwt::DevelopmentVerifier verifier;
  const auto who = who_of_none(verifier);
  ASSERT_TRUE(who.has_value());
  EXPECT_TRUE(who->anonymous);
  const auto key = *domain::ConversationKey::parse("any");
  EXPECT_TRUE(who->allows(domain::Verb::read, key));
  EXPECT_FALSE(who->allows(domain::Verb::send, key));
}

}  // namespace
}  // namespace danwa::tests
