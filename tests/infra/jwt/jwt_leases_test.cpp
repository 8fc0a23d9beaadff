#include <rapidcheck.h>

#include <future>

#include "infra/jwt/jwt_fixture.hpp"

namespace danwa::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using usecase::LeaseEnd;

struct ToldOwner final : usecase::LeaseOwner {
  void on_lease_ending() override { told += "soon "; }
  void on_lease_end(LeaseEnd why) override { told += why == LeaseEnd::expired ? "expired " : "revoked "; }
  std::string told;
};

class JwtLeases : public testing::Test {
 protected:
  jwt::JwtOptions options(const std::string& algorithm, const std::string& key_file, const std::string& jwks = "") {
    return {.algorithm = algorithm,
            .key_file = key_file,
            .jwks_file = jwks,
            .audience = "",
            .issuer = "",
            .leeway_seconds = 0,
            .look_every = milliseconds{0}};
  }
  std::string write_set(const std::vector<std::string>& jwks) {
    std::string text = R"({"keys":[)";
    for (const auto& jwk : jwks) text += (text.back() == '[' ? "" : ",") + jwk;
    return dir.write("set", text + "]}");
  }
  static std::string token(const KeyPair& pair, const std::string& kid) {
    return sign_text(R"({"alg":"RS256","kid":")" + kid + "\"}", kClaims,
                     jwt::Key::private_pem(jwt::JwtAlgorithm::rs256, pair.private_pem));
  }
  std::size_t count(const std::string& part) const {
    std::size_t found = 0;
    for (const auto& line : log.lines()) found += line.find(part) != std::string::npos ? 1U : 0U;
    return found;
  }
  /// Whether a token of these times is accepted, and until when.
  std::optional<domain::Timestamp> end_of(const jwt::JwtOptions& wanted, const std::string& times) {
    const jwt::JwtVerifier verifier{wanted, log, metrics, clock};
    const auto who = who_of(verifier, sign_text(kHeader, R"({"sub":"ann","company":"acme",)" + times + "}"));
    return who ? who->expires_at : std::nullopt;
  }

  TempDir dir;
  LineLogger log;
  adapters::Metrics metrics;
  HandClock clock;
  std::shared_ptr<ToldOwner> owner = std::make_shared<ToldOwner>();
};

TEST_F(JwtLeases, EndWithTheirTokenToTheMillisecond) {
  jwt::JwtVerifier verifier{options("HS256", dir.write("k", kSecret)), log, metrics, clock};
  const auto lease = *verifier.lease(sign_text(kHeader, kClaims));
  lease->hold(owner, seconds{30});
  clock.set(clock.now() + seconds{600} - milliseconds{1});
  verifier.tend();
  EXPECT_EQ(owner->told, "soon ");
  clock.set(clock.now() + milliseconds{1});
  verifier.tend();
  EXPECT_EQ(owner->told, "soon expired ");
}

TEST_F(JwtLeases, EndWithTheirKeyAndWithNoOther) {
  const auto a = make_rsa(2048);
  const auto b = make_rsa(2048);
  const auto set = write_set({to_jwk(a, "a"), to_jwk(b, "b")});
  jwt::JwtVerifier verifier{options("RS256", "", set), log, metrics, clock};
  const auto of_a = *verifier.lease(token(a, "a"));
  const auto of_b = *verifier.lease(token(b, "b"));
  const auto unheld = *verifier.lease(token(a, "a"));
  const auto owner_b = std::make_shared<ToldOwner>();
  of_a->hold(owner, seconds{30});
  of_b->hold(owner_b, seconds{30});
  write_set({to_jwk(b, "b"), to_jwk(a, "a"), to_jwk(make_rsa(2048), "c")});  // the same keys and another
  verifier.tend();
  EXPECT_EQ(owner->told + owner_b->told, "");
  write_set({to_jwk(b, "b"), to_jwk(a, "other name")});  // the key is there, but kid picks it no more
  verifier.tend();
  EXPECT_EQ(owner->told, "revoked ");
  EXPECT_EQ(owner_b->told, "");
  EXPECT_EQ(unheld->ended(), LeaseEnd::revoked);
  EXPECT_FALSE(of_b->ended());
  EXPECT_FALSE(verifier.lease(token(a, "a")).has_value());
  write_set({to_jwk(make_rsa(2048), "b")});  // another key under the same name
  verifier.tend();
  EXPECT_EQ(owner_b->told, "revoked ");
  EXPECT_EQ(count("auth.leases_revoked"), 2U);
}

TEST_F(JwtLeases, AreWhatANewVerificationWouldSay) {
  std::vector<KeyPair> pairs;
  for (int i = 0; i < 3; ++i) pairs.push_back(make_rsa(2048));
  std::vector<std::string> texts;
  for (const auto& pair : pairs) {
    for (const char* kid : {"a", "b", "c"}) texts.push_back(token(pair, kid));
  }
  rc::check("whatever the sets", [&] {
    const auto pick = [&] {
      std::vector<std::string> jwks;
      for (int i = 0; i < 3; ++i) {
        const auto key = *rc::gen::inRange<std::size_t>(0, pairs.size());
        if (*rc::gen::arbitrary<bool>()) jwks.push_back(to_jwk(pairs[key], std::string(1, static_cast<char>('a' + i))));
      }
      if (jwks.empty()) jwks.push_back(to_jwk(pairs[0], "a"));
      return jwks;
    };
    const auto set = write_set(pick());
    jwt::JwtVerifier verifier{options("RS256", "", set), log, metrics, clock};
    std::vector<std::pair<std::string, usecase::LeasePtr>> leases;
    for (const auto& text : texts) {
      if (auto lease = verifier.lease(text)) leases.emplace_back(text, *lease);
    }
    write_set(pick());
    verifier.tend();
    for (const auto& [text, lease] : leases) RC_ASSERT(lease->ended().has_value() != verifier.lease(text).has_value());
  });
}

TEST_F(JwtLeases, StayWhenTheNewFileIsBroken) {
  jwt::JwtVerifier verifier{options("HS256", dir.write("k", kSecret)), log, metrics, clock};
  const auto lease = *verifier.lease(sign_text(kHeader, kClaims));
  lease->hold(owner, seconds{30});
  dir.write("k", "short");
  verifier.tend();
  dir.write("k", kSecret + "\n");  // the same secret, written by an editor
  verifier.tend();
  EXPECT_EQ(owner->told, "");
  EXPECT_EQ(count("auth.keys_kept"), 1U);
}

TEST_F(JwtLeases, OutliveTheVerifier) {
  usecase::LeasePtr lease;
  {
    const jwt::JwtVerifier verifier{options("HS256", dir.write("k", kSecret)), log, metrics, clock};
    lease = *verifier.lease(sign_text(kHeader, kClaims));
    lease->hold(owner, seconds{30});
  }
  EXPECT_EQ(lease->who().user.value(), "ann");
  EXPECT_FALSE(lease->ended());
}

TEST_F(JwtLeases, TheThreadTellsOfEndsAndOfKeysWithoutAnyRequest) {
  auto wanted = options("HS256", dir.write("k", kSecret));
  wanted.look_every = milliseconds{10};
  jwt::JwtVerifier verifier{wanted, log, metrics, clock};
  verifier.start();
  struct Waiting final : usecase::LeaseOwner {
    void on_lease_ending() override {}
    void on_lease_end(LeaseEnd why) override { told.set_value(why); }
    std::promise<LeaseEnd> told;
  };
  const auto waiting = std::make_shared<Waiting>();
  const auto lease = *verifier.lease(sign_text(kHeader, kClaims));
  lease->hold(waiting, seconds{30});
  auto told = waiting->told.get_future();
  dir.write("k", "another secret, of more than 32 bytes, too");
  ASSERT_EQ(told.wait_for(seconds{10}), std::future_status::ready);
  EXPECT_EQ(told.get(), LeaseEnd::revoked);
}

TEST_F(JwtLeases, ASetIsWhatIsUsableOfIt) {
  const auto good = make_rsa(2048);
  const std::string n = to_jwk(good, "").substr(1);  // members of a whole key, with its brace
  const std::vector<std::pair<std::string, std::string>> unusable{
      {to_jwk(make_rsa(1024), "bad"), "1024 bits"},
      {R"({"kid":"bad","kty":"oct","k":"AAAA"})", "kty is not RSA"},
      {R"({"kid":"bad","kty":"OKP","crv":"Ed25519","x":"AAAA"})", "kty is not RSA"},
      {R"({"kid":"bad","kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA"})", "kty is not RSA"},
      {R"({"kid":"bad"})", "kty is absent"},
      {R"({"kid":"bad","kty":7})", "kty is no text"},
      {R"({"kid":"bad","kty":"RSA"})", "n is absent"},
      {R"({"kid":"bad","kty":"RSA","n":"AQAB"})", "e is absent"},
      {R"({"kid":"bad","kty":"RSA","n":"","e":"AQAB"})", "n is not base64url"},
      {R"({"kid":"bad","kty":"RSA","n":"a+b=","e":"AQAB"})", "n is not base64url"},
      {R"({"kid":"bad","kty":"RSA","n":1,"e":"AQAB"})", "n is no text"},
      {R"({"kid":"bad","alg":"PS256",)" + n, "alg is not RS256"},
      {R"({"kid":"bad","use":"enc",)" + n, "use is not sig"},
      {R"({"kid":"bad","key_ops":["encrypt"],)" + n, "key_ops has no verify"},
      {R"({"kid":"bad","key_ops":"verify",)" + n, "key_ops has no verify"},
      {R"({"kid":"bad","d":"AQAB",)" + n, "private key"},
      {R"({"kid":7,)" + n, "kid is no text"},
      {"7", "no object"},
      {"null", "no object"},
      {"[]", "no object"},
  };
  const auto next = to_jwk(make_rsa(2048), "next");
  for (const auto& [jwk, why] : unusable) {
    LineLogger mine;
    const auto set = write_set({to_jwk(good, "good"), jwk});
    jwt::JwtVerifier verifier{options("RS256", "", set), mine, metrics, clock};
    EXPECT_TRUE(verifier.lease(token(good, "good")).has_value()) << why;
    ASSERT_EQ(mine.lines().size(), 1U) << why;
    EXPECT_TRUE(mine.lines()[0].starts_with("auth.key_skipped")) << mine.lines()[0];
    EXPECT_NE(mine.lines()[0].find(why), std::string::npos) << mine.lines()[0];
    const auto* name = jwk.find("\"bad\"") != std::string::npos ? " bad " : " #2 ";
    EXPECT_NE(mine.lines()[0].find(name), std::string::npos) << mine.lines()[0];
    write_set({next, jwk});  // and when keys are replaced
    EXPECT_FALSE(verifier.lease(token(good, "good")).has_value()) << why;
    EXPECT_EQ(mine.lines().size(), 4U) << why;  // skipped, reloaded, refused
    write_set({jwk});                           // none is left: the old set stays
    verifier.tend();
    EXPECT_TRUE(mine.lines().back().starts_with("auth.keys_kept")) << mine.lines().back();
  }
}

TEST_F(JwtLeases, OfTwoKeysOfOneNameTheFirstCounts) {
  const auto first = make_rsa(2048);
  const auto second = make_rsa(2048);
  const auto set = write_set({to_jwk(first, "a"), to_jwk(second, "a")});
  const jwt::JwtVerifier verifier{options("RS256", "", set), log, metrics, clock};
  EXPECT_TRUE(verifier.lease(token(first, "a")).has_value());
  EXPECT_FALSE(verifier.lease(token(second, "a")).has_value());
  EXPECT_TRUE(log.lines()[0].starts_with("auth.key_skipped"));
  EXPECT_NE(log.lines()[0].find(" a "), std::string::npos);
  EXPECT_NE(log.lines()[0].find("same kid"), std::string::npos);
}

TEST_F(JwtLeases, AKeyWithExtrasIsUsable) {
  const auto good = make_rsa(2048);
  const auto set =
      write_set({to_jwk(good, "good", R"("x5t":"abc","x5c":["x"],"key_ops":["verify","encrypt"],"ext":true,)")});
  const jwt::JwtVerifier verifier{options("RS256", "", set), log, metrics, clock};
  EXPECT_TRUE(verifier.lease(token(good, "good")).has_value());
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(JwtLeases, TheTypeOfATokenHasNoCaseAndMayHaveItsPrefix) {
  const jwt::JwtVerifier verifier{options("HS256", dir.write("k", kSecret)), log, metrics, clock};
  const auto takes = [&](const std::string& typ) {
    return verifier.lease(sign_text(R"({"alg":"HS256","typ":")" + typ + "\"}", kClaims)).has_value();
  };
  for (const char* good : {"JWT", "jwt", "Jwt", "at+jwt", "at+JWT", "AT+JWT", "application/at+jwt",
                           "Application/AT+JWT", "application/jwt", "APPLICATION/JWT"}) {
    EXPECT_TRUE(takes(good)) << good;
  }
  for (const char* bad : {"", "JWS", "application/", "application/application/jwt", "text/jwt", "dpop+jwt", "jwt ",
                          "x/application/jwt", "secevent+jwt"}) {
    EXPECT_FALSE(takes(bad)) << bad;
  }
}

TEST_F(JwtLeases, UnknownVerbsGiveNothingAndVoidNothing) {
  const jwt::JwtVerifier verifier{options("HS256", dir.write("k", kSecret)), log, metrics, clock};
  const auto key = *domain::ConversationKey::parse("room");
  for (const char* verbs :
       {R"(["read","own"])", R"(["admin","read","READ","Send"])", R"([7,null,"read",{"a":1},""])"}) {
    const auto who = who_of(verifier, sign_text(kHeader, R"({"sub":"ann","company":"acme","exp":1800000600,"grants":)"
                                                         R"([{"conversations":"*","verbs":)" +
                                                             std::string{verbs} + "}]}"));
    ASSERT_TRUE(who.has_value()) << verbs;
    EXPECT_TRUE(who->allows(domain::Verb::read, key)) << verbs;
    EXPECT_FALSE(who->allows(domain::Verb::send, key)) << verbs;
    EXPECT_FALSE(who->allows(domain::Verb::moderate, key)) << verbs;
  }
  const auto none = who_of(verifier, sign_text(kHeader, R"({"sub":"ann","company":"acme","exp":1800000600,"grants":)"
                                                        R"([{"conversations":"*","verbs":["own"]}]})"));
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->allows(domain::Verb::read, key)) << "grants that give nothing are no absent grants";
}

TEST_F(JwtLeases, RefusalsAreLoggedOnceASecondForEachReason) {
  const jwt::JwtVerifier verifier{options("HS256", dir.write("k", kSecret)), log, metrics, clock};
  const auto expired = sign_text(kHeader, R"({"sub":"ann","company":"acme","exp":1})");
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(verifier.lease(expired).has_value());
    EXPECT_FALSE(verifier.lease("a.b.c.d").has_value());
  }
  EXPECT_EQ(count("auth.token_refused expired"), 1U);
  EXPECT_EQ(count("auth.token_refused not-three-parts"), 1U);
  clock.set(clock.now() + seconds{1});
  EXPECT_FALSE(verifier.lease(expired).has_value());
  clock.set(clock.now() - seconds{3600});  // set back
  EXPECT_FALSE(verifier.lease(expired).has_value());
  EXPECT_EQ(count("auth.token_refused expired"), 3U);
  EXPECT_EQ(metrics.tokens_refused.value(), 22U);
}

TEST_F(JwtLeases, MaxLifetimeBoundsThemFromTheirIssue) {
  auto wanted = options("HS256", dir.write("k", kSecret));
  wanted.max_lifetime = seconds{100};
  const auto now = clock.now();
  EXPECT_EQ(end_of(wanted, R"("iat":1800000000,"exp":1800000600)"), now + seconds{100});
  EXPECT_EQ(end_of(wanted, R"("iat":1799999950,"exp":1800000600)"), now + seconds{50});
  EXPECT_EQ(end_of(wanted, R"("iat":1800000000,"exp":1800000020)"), now + seconds{20});
  EXPECT_EQ(end_of(wanted, R"("iat":1800000000,"exp":253402300799)"), now + seconds{100});
  EXPECT_EQ(end_of(wanted, R"("iat":1799999900,"exp":1800000600)"), std::nullopt) << "too old";
  EXPECT_EQ(end_of(wanted, R"("exp":1800000100)"), now + seconds{100});
  EXPECT_EQ(end_of(wanted, R"("exp":1800000101)"), std::nullopt) << "of unknown age";
  EXPECT_EQ(count("auth.token_refused too-old"), 1U);
  EXPECT_EQ(count("auth.token_refused lives-too-long"), 1U);
  wanted.leeway_seconds = 10;
  EXPECT_EQ(end_of(wanted, R"("iat":1799999900,"exp":1800000600)"), now + seconds{10});
  wanted.max_lifetime = seconds{0};
  const domain::Timestamp last{milliseconds{253'402'300'799'000}};
  EXPECT_EQ(end_of(wanted, R"("exp":253402300799)"), last) << "no time behind the year 9999, leeway or not";
}

}  // namespace
}  // namespace danwa::tests
