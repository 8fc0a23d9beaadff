#include <functional>

#include "infra/jwt/jwt_fixture.hpp"

namespace danwa::tests {
namespace {

struct Attack {
  const char* name;
  std::string token;
  const char* why;  ///< the reason that must stand in the log
};

std::string raw(const std::string& header, const std::string& claims, const std::string& signature) {
  return jwt::to_base64url(header) + '.' + jwt::to_base64url(claims) + '.' + jwt::to_base64url(signature);
}

std::string with_header(const std::string& header) { return sign_text(header, kClaims); }
std::string with_claims(const std::string& claims) { return sign_text(kHeader, claims); }
std::string with_exp(const std::string& exp) {
  return with_claims(R"({"sub":"ann","company":"acme","exp":)" + exp + "}");
}
std::string with_more(const std::string& more) {
  return with_claims(R"({"sub":"ann","company":"acme","exp":1800000600,)" + more + "}");
}

std::string nested(const std::string& open, const std::string& close, std::size_t depth) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) out += open;
  out += "1";
  for (std::size_t i = 0; i < depth; ++i) out += close;
  return out;
}

class JwtAttacks : public testing::Test {
 protected:
  void refuse_all(const jwt::JwtOptions& options, const std::vector<Attack>& attacks) {
    adapters::Metrics metrics;
    for (const auto& attack : attacks) {
      LineLogger log;  // of its own: a reason is logged once a second
      const jwt::JwtVerifier verifier{options, log, metrics, clock};
      const auto reference = who_of(verifier, "a garbage").error();
      const auto who = who_of(verifier, attack.token);
      ASSERT_FALSE(who.has_value()) << attack.name;
      EXPECT_EQ(who.error(), reference) << attack.name << ": one answer for every reason";
      EXPECT_EQ(log.lines().back(), std::string{"auth.token_refused "} + attack.why) << attack.name;
    }
  }
  jwt::JwtOptions hs256() {
    return {
        .algorithm = "HS256", .key_file = dir.write("secret", kSecret), .jwks_file = "", .audience = "", .issuer = ""};
  }

  TempDir dir;
  HandClock clock;
  const std::string good = with_claims(kClaims);
  const std::string head = good.substr(0, good.find('.'));
  const std::string body = good.substr(head.size() + 1, good.rfind('.') - head.size() - 1);
  const std::string signature = good.substr(good.rfind('.') + 1);
};

TEST_F(JwtAttacks, TheControlPasses) {
  LineLogger log;
  adapters::Metrics metrics;
  const jwt::JwtVerifier verifier{hs256(), log, metrics, clock};
  EXPECT_TRUE(who_of(verifier, good).has_value());
}

TEST_F(JwtAttacks, OnTheAlgorithm) {
  const std::string mac = jwt::Key::secret(kSecret).sign("x");
  refuse_all(hs256(),
             {
                 {"none, unsigned", raw(R"({"alg":"none"})", kClaims, ""), "unsigned"},
                 {"none, with a signature", with_header(R"({"alg":"none"})"), "other-algorithm"},
                 {"None", with_header(R"({"alg":"None"})"), "other-algorithm"},
                 {"NONE", with_header(R"({"alg":"NONE"})"), "other-algorithm"},
                 {"nOnE", with_header(R"({"alg":"nOnE"})"), "other-algorithm"},
                 {"HS1", with_header(R"({"alg":"HS1"})"), "other-algorithm"},
                 {"HS384", with_header(R"({"alg":"HS384"})"), "other-algorithm"},
                 {"HS512", with_header(R"({"alg":"HS512"})"), "other-algorithm"},
                 {"hs256", with_header(R"({"alg":"hs256"})"), "other-algorithm"},
                 {"HS256 with a blank", with_header(R"({"alg":"HS256 "})"), "other-algorithm"},
                 {"HS256 with a NUL", with_header(R"({"alg":"HS256\u0000"})"), "other-algorithm"},
                 {"RS256 over a MAC", with_header(R"({"alg":"RS256"})"), "other-algorithm"},
                 {"ES256 over a MAC", with_header(R"({"alg":"ES256"})"), "other-algorithm"},
                 {"PS256", with_header(R"({"alg":"PS256"})"), "other-algorithm"},
                 {"alg absent", with_header(R"({"typ":"JWT"})"), "other-algorithm"},
                 {"alg null", with_header(R"({"alg":null})"), "other-algorithm"},
                 {"alg a number", with_header(R"({"alg":256})"), "other-algorithm"},
                 {"alg a list", with_header(R"({"alg":["HS256"]})"), "other-algorithm"},
                 {"alg twice", with_header(R"({"alg":"none","alg":"HS256"})"), "header-not-json"},
                 {"alg twice by escape", with_header(R"({"alg":"HS256","\u0061lg":"none"})"), "header-not-json"},
             });
}

TEST_F(JwtAttacks, OnTheHeader) {
  refuse_all(
      hs256(),
      {
          {"crit", with_header(R"({"alg":"HS256","crit":["exp"],"exp":1})"), "critical-extension"},
          {"empty crit", with_header(R"({"alg":"HS256","crit":[]})"), "critical-extension"},
          {"b64 false", with_header(R"({"alg":"HS256","b64":false})"), "critical-extension"},
          {"another typ", with_header(R"({"alg":"HS256","typ":"dpop+jwt"})"), "other-type"},
          {"typ a number", with_header(R"({"alg":"HS256","typ":1})"), "other-type"},
          {"kid a number", with_header(R"({"alg":"HS256","kid":1})"), "kid-invalid"},
          {"kid of 300 bytes", with_header(R"({"alg":"HS256","kid":")" + std::string(300, 'k') + "\"}"), "kid-invalid"},
          {"a list", with_header(R"(["HS256"])"), "header-not-json"},
          {"a text", with_header(R"("HS256")"), "header-not-json"},
          {"empty", with_header(""), "header-not-json"},
          {"trailing text", with_header(kHeader + "x"), "header-not-json"},
          {"a comment", with_header(R"({"alg":"HS256"/**/})"), "header-not-json"},
          {"invalid UTF-8", with_header("{\"alg\":\"HS256\",\"x\":\"\xff\"}"), "header-not-json"},
          {"nested 9 deep", with_header(R"({"alg":"HS256","x":)" + nested("[", "]", 9) + "}"), "header-not-json"},
      });
}

TEST_F(JwtAttacks, OnTheForm) {
  refuse_all(hs256(), {
                          {"empty", "", "not-three-parts"},
                          {"two dots alone", "..", "unsigned"},
                          {"two parts", head + '.' + body, "not-three-parts"},
                          {"four parts", good + ".AAAA", "not-three-parts"},
                          {"no signature", head + '.' + body + '.', "unsigned"},
                          {"a cut signature", good.substr(0, good.size() - 3), "bad-signature"},
                          {"a cut claim part", head + '.' + body.substr(4) + '.' + signature, "bad-signature"},
                          {"a padded signature", good + "=", "not-base64url"},
                          {"a padded header", head + "==." + body + '.' + signature, "not-base64url"},
                          {"the other alphabet", head + '.' + body + ".+/" + signature, "not-base64url"},
                          {"a line end", good + "\n", "not-base64url"},
                          {"a blank in front", " " + good, "not-base64url"},
                          {"a NUL behind", good + std::string(1, '\0'), "not-base64url"},
                          {"one letter too many", good + "AA", "not-base64url"},
                          {"stray bits", head + '.' + body + '.' + jwt::to_base64url(std::string(31, 'x')) + "B",
                           "not-base64url"},
                          {"larger than 8 KiB", with_more(R"("x":")" + std::string(8192, 'x') + "\""), "too-long"},
                          {"Bearer in front", "Bearer " + good, "not-base64url"},
                      });
}

TEST_F(JwtAttacks, OnTheSignature) {
  const auto weak = [&](const std::string& padded) { return sign_text(kHeader, kClaims, jwt::Key::secret(padded)); };
  const std::string other = sign_text(kHeader, R"({"sub":"bob","company":"acme","exp":1800000600})");
  refuse_all(
      hs256(),
      {
          {"another's signature", head + '.' + body + '.' + other.substr(other.rfind('.') + 1), "bad-signature"},
          {"claims swapped under it", head + '.' + jwt::to_base64url(R"({"sub":"root"})") + '.' + signature,
           "bad-signature"},
          {"32 zero bytes", raw(kHeader, kClaims, std::string(32, '\0')), "bad-signature"},
          {"a zero secret", weak(std::string(32, '\0')), "bad-signature"},
          {"a guessed secret", weak("secretsecretsecretsecretsecretsecret"), "bad-signature"},
          {"the secret's beginning", weak(kSecret.substr(0, 32)), "bad-signature"},
          {"the secret with a blank", weak(kSecret + " "), "bad-signature"},
          {"a MAC of 16 bytes", head + '.' + body + '.' + signature.substr(0, 22 - 1) + "A", "bad-signature"},
          {"embedded jwk",
           sign_text(R"({"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}})", kClaims,
                     jwt::Key::secret(std::string(32, 'k'))),
           "bad-signature"},
          {"jku",
           sign_text(R"({"alg":"HS256","jku":"http://127.0.0.1/keys"})", kClaims,
                     jwt::Key::secret(std::string(32, 'k'))),
           "bad-signature"},
          {"x5u",
           sign_text(R"({"alg":"HS256","x5u":"file:///etc/passwd"})", kClaims, jwt::Key::secret(std::string(32, 'k'))),
           "bad-signature"},
          {"kid /dev/null",
           sign_text(R"({"alg":"HS256","kid":"../../../dev/null"})", kClaims, jwt::Key::secret(std::string(32, '\0'))),
           "bad-signature"},
          {"kid with SQL",
           sign_text(R"({"alg":"HS256","kid":"x' UNION SELECT 'k"})", kClaims, jwt::Key::secret(std::string(32, 'k'))),
           "bad-signature"},
      });
}

TEST_F(JwtAttacks, OnTheTimes) {
  refuse_all(hs256(), {
                          {"exp in the past", with_exp("1799999999"), "expired"},
                          {"exp now", with_exp("1800000000"), "expired"},
                          {"exp absent", with_claims(R"({"sub":"ann","company":"acme"})"), "exp-absent"},
                          {"exp a text", with_exp(R"("1800000600")"), "exp-invalid"},
                          {"exp null", with_exp("null"), "exp-invalid"},
                          {"exp true", with_exp("true"), "exp-invalid"},
                          {"exp a list", with_exp("[1800000600]"), "exp-invalid"},
                          {"exp 1e400", with_exp("1e400"), "claims-not-json"},
                          {"exp 1e300", with_exp("1e300"), "exp-invalid"},
                          {"exp 2^64", with_exp("18446744073709551616"), "exp-invalid"},
                          {"exp negative", with_exp("-1"), "exp-invalid"},
                          {"exp NaN", with_exp("NaN"), "claims-not-json"},
                          {"exp in hexadecimal", with_exp("0x7FFFFFFF"), "claims-not-json"},
                          {"exp twice", with_exp(R"(1,"exp":1800000600)"), "claims-not-json"},
                          {"nbf in the future", with_more(R"("nbf":1800000001)"), "not-yet-valid"},
                          {"nbf a text", with_more(R"("nbf":"0")"), "nbf-invalid"},
                          {"iat in the future", with_more(R"("iat":1800000100)"), "issued-in-the-future"},
                          {"iat a text", with_more(R"("iat":"0")"), "iat-invalid"},
                      });
}

TEST_F(JwtAttacks, OnTheClaims) {
  const auto grants = [](const std::string& list) { return with_more(R"("grants":)" + list); };
  const auto who = [](const std::string& sub) {
    return with_claims(R"({"company":"acme","exp":1800000600,"sub":)" + sub + "}");
  };
  refuse_all(
      hs256(),
      {
          {"a list", with_claims(R"(["sub","ann"])"), "claims-not-json"},
          {"a text", with_claims(R"("ann")"), "claims-not-json"},
          {"null", with_claims("null"), "claims-not-json"},
          {"not JSON", with_claims("sub=ann"), "claims-not-json"},
          {"empty", with_claims(""), "claims-not-json"},
          {"nested 9 deep", with_more(R"("x":)" + nested("{\"a\":", "}", 9)), "claims-not-json"},
          {"nested 2,000 deep", with_more(R"("x":)" + nested("[", "]", 2000)), "claims-not-json"},
          {"sub absent", with_claims(R"({"company":"acme","exp":1800000600})"), "sub-invalid"},
          {"sub empty", who(R"("")"), "sub-invalid"},
          {"sub a number", who("7"), "sub-invalid"},
          {"sub with NUL", who(R"("ann\u0000")"), "sub-invalid"},
          {"sub with a line end", who(R"("ann\nroot")"), "sub-invalid"},
          {"sub of 256", who("\"" + std::string(256, 'a') + "\""), "sub-invalid"},
          {"sub twice", who(R"("ann","sub":"root")"), "claims-not-json"},
          {"lone surrogate", who(R"("\ud800")"), "claims-not-json"},
          {"company absent", with_claims(R"({"sub":"ann","exp":1800000600})"), "company-invalid"},
          {"company a list", with_claims(R"({"sub":"ann","exp":1800000600,"company":["acme"]})"), "company-invalid"},
          {"company twice", with_more(R"("company":"other")"), "claims-not-json"},
          {"aud where none is configured", with_more(R"("aud":"other-service")"), "aud-unexpected"},
          {"iss a number", with_more(R"("iss":7)"), "iss-invalid"},
          {"stores a text", with_more(R"("stores":"tokyo")"), "stores-invalid"},
          {"stores of numbers", with_more(R"("stores":[1])"), "stores-invalid"},
          {"grants an object", grants("{}"), "grants-invalid"},
          {"grants null", grants("null"), "grants-invalid"},
          {"a grant without pattern", grants(R"([{"verbs":["read"]}])"), "grants-invalid"},
          {"a grant without verbs", grants(R"([{"conversations":"*"}])"), "grants-invalid"},
          {"verbs a text", grants(R"([{"conversations":"*","verbs":"read"}])"), "grants-invalid"},
          {"an empty pattern", grants(R"([{"conversations":"","verbs":["read"]}])"), "grants-invalid"},
          {"two patterns", grants(R"([{"conversations":"a","pattern":"*","verbs":["read"]}])"), "grants-invalid"},
          {"a number among grants", grants(R"([7])"), "grants-invalid"},
      });
}

TEST_F(JwtAttacks, OnRs256ByItsPublicKey) {
  const auto pair = make_rsa(2048);
  const auto stranger = make_rsa(2048);
  const jwt::JwtOptions options{.algorithm = "RS256",
                                .key_file = dir.write("rsa.pem", pair.public_pem),
                                .jwks_file = "",
                                .audience = "",
                                .issuer = ""};
  const std::string header = R"({"alg":"RS256","kid":"a"})";
  const auto rs256 = jwt::JwtAlgorithm::rs256;
  // The classic confusion: the public key's text as an HMAC secret. Our own maker refuses PEM as a
  // secret, so the text loses its first line here; the header alone must be enough to refuse.
  const auto confused = jwt::Key::secret(pair.public_pem.substr(27, 300));
  const std::string jwk_header = R"({"alg":"RS256","jwk":)" + to_jwk(stranger, "a") + "}";
  refuse_all(options,
             {
                 {"HS256 under the public key", sign_text(kHeader, kClaims, confused), "other-algorithm"},
                 {"RS256 in the header, a MAC behind", sign_text(header, kClaims, confused), "bad-signature"},
                 {"a stranger's key", sign_text(header, kClaims, jwt::Key::private_pem(rs256, stranger.private_pem)),
                  "bad-signature"},
                 {"a stranger's key, embedded",
                  sign_text(jwk_header, kClaims, jwt::Key::private_pem(rs256, stranger.private_pem)), "bad-signature"},
                 {"signature all zero", raw(header, kClaims, std::string(256, '\0')), "bad-signature"},
                 {"signature one", raw(header, kClaims, std::string(255, '\0') + '\x01'), "bad-signature"},
                 {"signature too long", raw(header, kClaims, std::string(512, '\x01')), "bad-signature"},
                 {"none", raw(R"({"alg":"none"})", kClaims, "x"), "other-algorithm"},
             });
}

TEST_F(JwtAttacks, OnEs256) {
  const auto pair = make_ec("P-256");
  const auto stranger = make_ec("P-256");
  const jwt::JwtOptions options{.algorithm = "ES256",
                                .key_file = dir.write("ec.pem", pair.public_pem),
                                .jwks_file = "",
                                .audience = "",
                                .issuer = ""};
  const std::string header = R"({"alg":"ES256"})";
  const auto key = jwt::Key::private_pem(jwt::JwtAlgorithm::es256, pair.private_pem);
  const std::string signed_text = jwt::to_base64url(header) + '.' + jwt::to_base64url(kClaims);
  const std::string proper = key.sign(signed_text);
  refuse_all(
      options,
      {
          {"r and s zero (CVE-2022-21449)", raw(header, kClaims, std::string(64, '\0')), "bad-signature"},
          {"s zero", raw(header, kClaims, proper.substr(0, 32) + std::string(32, '\0')), "bad-signature"},
          {"DER instead of r||s", raw(header, kClaims, "\x30\x44\x02\x20" + std::string(66, 'x')), "bad-signature"},
          {"65 bytes", raw(header, kClaims, proper + 'x'), "bad-signature"},
          {"63 bytes", raw(header, kClaims, proper.substr(0, 63)), "bad-signature"},
          {"r and s swapped", raw(header, kClaims, proper.substr(32) + proper.substr(0, 32)), "bad-signature"},
          {"a stranger's key",
           sign_text(header, kClaims, jwt::Key::private_pem(jwt::JwtAlgorithm::es256, stranger.private_pem)),
           "bad-signature"},
          {"all ones", raw(header, kClaims, std::string(64, '\xff')), "bad-signature"},
      });
}

}  // namespace
}  // namespace danwa::tests
