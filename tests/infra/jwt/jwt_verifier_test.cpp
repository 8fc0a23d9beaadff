#include "infra/jwt/jwt_verifier.hpp"

#include <rapidcheck.h>

#include "infra/jwt/jwt_fixture.hpp"

namespace danwa::tests {
namespace {

using domain::Verb;
using std::chrono::seconds;

class JwtVerifierTest : public testing::Test {
 protected:
  jwt::JwtVerifier make(jwt::JwtOptions options) { return {std::move(options), log, metrics, clock}; }
  jwt::JwtOptions hs256() {
    return {
        .algorithm = "HS256", .key_file = dir.write("secret", kSecret), .jwks_file = "", .audience = "", .issuer = ""};
  }
  jwt::TokenRequest request() const {
    return {.algorithm = "HS256",
            .key = kSecret,
            .key_id = "",
            .user = "ann",
            .company = "acme",
            .stores = {},
            .grants = std::nullopt,
            .audience = "",
            .issuer = "",
            .now = clock.now()};
  }

  TempDir dir;
  LineLogger log;
  adapters::Metrics metrics;
  HandClock clock;
};

TEST_F(JwtVerifierTest, TellsUserCompanyAndExpiry) {
  const auto verifier = make(hs256());
  const auto who = who_of(verifier, jwt::make_token(request()));
  ASSERT_TRUE(who.has_value());
  EXPECT_EQ(who->user.value(), "ann");
  EXPECT_EQ(who->company.value(), "acme");
  EXPECT_EQ(who->expires_at, clock.now() + seconds{3600});
  EXPECT_FALSE(who->anonymous);
  EXPECT_FALSE(who->grants.has_value());
}

TEST_F(JwtVerifierTest, TellsStoresAndGrants) {
  const auto verifier = make(hs256());
  auto wanted = request();
  wanted.stores = {"tokyo", "osaka"};
  wanted.grants = std::vector<domain::Grant>{{"team-*", {Verb::read, Verb::send}}, {"news", {Verb::read}}};
  const auto who = who_of(verifier, jwt::make_token(wanted));
  ASSERT_TRUE(who.has_value());
  ASSERT_EQ(who->stores.size(), 2U);
  EXPECT_EQ(who->stores[1].value(), "osaka");
  const auto key = [](const char* text) { return *domain::ConversationKey::parse(text); };
  EXPECT_TRUE(who->allows(Verb::send, key("team-7")));
  EXPECT_TRUE(who->allows(Verb::read, key("news")));
  EXPECT_FALSE(who->allows(Verb::send, key("news")));
  EXPECT_FALSE(who->allows(Verb::read, key("other")));
}

TEST_F(JwtVerifierTest, TakesSixtyFourStoresAndNotOneMore) {
  const auto verifier = make(hs256());
  auto wanted = request();
  for (int i = 0; i < 64; ++i) wanted.stores.push_back("s" + std::to_string(i));
  const auto who = who_of(verifier, jwt::make_token(wanted));
  ASSERT_TRUE(who.has_value());
  EXPECT_EQ(who->stores.size(), 64U);
  wanted.stores.emplace_back("one more");
  const auto refused = who_of(verifier, jwt::make_token(wanted));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().first().code, "token-invalid");
}

TEST_F(JwtVerifierTest, TellsWhoMayBeNotified) {
  const auto verifier = make(hs256());
  auto wanted = request();
  EXPECT_FALSE(who_of(verifier, jwt::make_token(wanted))->may_notify("user:bob"));
  wanted.grants = std::vector<domain::Grant>{{"user:b*", {Verb::notify}}};
  const auto who = who_of(verifier, jwt::make_token(wanted));
  ASSERT_TRUE(who.has_value());
  EXPECT_TRUE(who->may_notify("user:bob"));
  EXPECT_FALSE(who->may_notify("store:b1"));
  EXPECT_FALSE(who->trusted);
}

TEST_F(JwtVerifierTest, WithoutATokenOneIsRequired) {
  const auto verifier = make(hs256());
  const auto who = who_of_none(verifier);
  ASSERT_FALSE(who.has_value());
  EXPECT_EQ(who.error().first().code, "token-required");
  EXPECT_EQ(who.error().first().kind, domain::ErrorKind::unauthenticated);
}

TEST_F(JwtVerifierTest, AcceptsRs256AndEs256FromPem) {
  for (const auto& [name, pair] : {std::pair{"RS256", make_rsa(2048)}, {"ES256", make_ec("P-256")}}) {
    const auto verifier = make({.algorithm = name,
                                .key_file = dir.write(name, pair.public_pem),
                                .jwks_file = "",
                                .audience = "",
                                .issuer = ""});
    auto wanted = request();
    wanted.algorithm = name;
    wanted.key = pair.private_pem;
    EXPECT_TRUE(who_of(verifier, jwt::make_token(wanted)).has_value()) << name;
  }
}

TEST_F(JwtVerifierTest, ExpiryIsExactToTheMillisecond) {
  const auto verifier = make(hs256());
  const auto token = jwt::make_token(request());
  clock.set(clock.now() + seconds{3600} - std::chrono::milliseconds{1});
  EXPECT_TRUE(who_of(verifier, token).has_value());
  clock.set(clock.now() + std::chrono::milliseconds{1});
  EXPECT_FALSE(who_of(verifier, token).has_value()) << "also when it was remembered as verified";
}

TEST_F(JwtVerifierTest, LeewayStretchesExpiryAndTheCredential) {
  auto options = hs256();
  options.leeway_seconds = 30;
  const auto verifier = make(options);
  const auto token = jwt::make_token(request());
  clock.set(clock.now() + seconds{3629});
  const auto who = who_of(verifier, token);
  ASSERT_TRUE(who.has_value());
  EXPECT_EQ(*who->expires_at, clock.now() + seconds{1});
  clock.set(clock.now() + seconds{1});
  EXPECT_FALSE(who_of(verifier, token).has_value());
}

TEST_F(JwtVerifierTest, AcceptsTheAudienceAloneOrInAList) {
  auto options = hs256();
  options.audience = "danwa";
  options.issuer = "https://login.example";
  const auto verifier = make(options);
  const auto claims = [](const std::string& aud) {
    return R"({"sub":"ann","company":"acme","exp":1800000600,"iss":"https://login.example","aud":)" + aud + "}";
  };
  EXPECT_TRUE(who_of(verifier, sign_text(kHeader, claims(R"("danwa")"))).has_value());
  EXPECT_TRUE(who_of(verifier, sign_text(kHeader, claims(R"(["other","danwa"])"))).has_value());
  EXPECT_FALSE(who_of(verifier, sign_text(kHeader, claims(R"(["other","danw"])"))).has_value());
  EXPECT_FALSE(who_of(verifier, sign_text(kHeader, claims(R"(["danwa",7])"))).has_value());
  EXPECT_FALSE(who_of(verifier, sign_text(kHeader, claims(R"({"danwa":true})"))).has_value());
  EXPECT_FALSE(who_of(verifier, sign_text(kHeader, claims("null"))).has_value());
  EXPECT_FALSE(who_of(verifier, sign_text(kHeader, kClaims)).has_value()) << "no aud, no iss";
}

TEST_F(JwtVerifierTest, AcceptsTheSecretWithAndWithoutItsLineEnd) {
  const auto verifier = make({.algorithm = "HS256",
                              .key_file = dir.write("lined", kSecret + "\n"),
                              .jwks_file = "",
                              .audience = "",
                              .issuer = ""});
  EXPECT_TRUE(who_of(verifier, sign_text(kHeader, kClaims)).has_value());
  EXPECT_TRUE(who_of(verifier, sign_text(kHeader, kClaims, jwt::Key::secret(kSecret + "\n"))).has_value());
}

TEST_F(JwtVerifierTest, AcceptsAccessTokenTypes) {
  const auto verifier = make(hs256());
  EXPECT_TRUE(who_of(verifier, sign_text(R"({"alg":"HS256","typ":"at+jwt"})", kClaims)).has_value());
  EXPECT_TRUE(who_of(verifier, sign_text(R"({"alg":"HS256"})", kClaims)).has_value());
  EXPECT_FALSE(who_of(verifier, sign_text(R"({"alg":"HS256","typ":"logout+jwt"})", kClaims)).has_value());
}

TEST_F(JwtVerifierTest, NeverLogsTheToken) {
  const auto verifier = make(hs256());
  const std::string token = sign_text(kHeader, R"({"sub":"ann","company":"acme","exp":1})");
  EXPECT_FALSE(who_of(verifier, token).has_value());
  ASSERT_EQ(log.lines().size(), 1U);
  EXPECT_EQ(log.lines()[0], "auth.token_refused expired");
  EXPECT_EQ(metrics.tokens_refused.value(), 1U);
}

TEST_F(JwtVerifierTest, RoundTripsWhateverTheNamesHold) {
  const auto verifier = make(hs256());
  rc::check("a token tells back the user and company it was made for", [&] {
    auto wanted = request();
    wanted.user = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7F)));
    wanted.company = *rc::gen::element<std::string>("acme", "日本", "a\"b\\c", "…");
    RC_PRE(wanted.user.size() <= 255U);
    const auto who = who_of(verifier, jwt::make_token(wanted));
    RC_ASSERT(who.has_value());
    RC_ASSERT(who->user.value() == wanted.user);
    RC_ASSERT(who->company.value() == wanted.company);
  });
}

TEST_F(JwtVerifierTest, NoSingleChangedByteOfATokenPasses) {
  const auto verifier = make(hs256());
  const auto token = jwt::make_token(request());
  ASSERT_TRUE(who_of(verifier, token).has_value());
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'Q', '.', '=', '\0', '+'}) {
      if (token[i] == other) continue;
      std::string altered = token;
      altered[i] = other;
      ASSERT_FALSE(who_of(verifier, altered).has_value()) << "byte " << i << " as " << other;
    }
    ASSERT_FALSE(who_of(verifier, token.substr(0, i)).has_value()) << "cut at " << i;
  }
}

}  // namespace
}  // namespace danwa::tests
