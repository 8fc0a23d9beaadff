#include <chrono>
#include <iostream>

#include "infra/jwt/jwt_fixture.hpp"

namespace danwa::tests {
namespace {

/// Verifications a second; `fresh` makes every token a new one.
double rate(const jwt::JwtVerifier& verifier, jwt::TokenRequest request, bool fresh) {
  std::vector<std::string> tokens;
  for (int i = 0; i < 300; ++i) {
    if (fresh) request.user = "user-" + std::to_string(i);
    tokens.push_back(jwt::make_token(request));
    if (!fresh) tokens.back() = tokens.front();
  }
  const auto start = std::chrono::steady_clock::now();
  for (const auto& token : tokens) {
    if (!who_of(verifier, token)) ADD_FAILURE() << "a good token was refused";
  }
  return 300.0 / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(JwtSpeed, EveryAlgorithmVerifiesThousandsASecond) {
  TempDir dir;
  LineLogger log;
  adapters::Metrics metrics;
  HandClock clock;
  const auto rsa = make_rsa(2048);
  const auto ec = make_ec("P-256");
  const std::vector<std::tuple<std::string, std::string, std::string>> kinds{{"HS256", kSecret, kSecret},
                                                                             {"RS256", rsa.public_pem, rsa.private_pem},
                                                                             {"ES256", ec.public_pem, ec.private_pem}};
  for (const auto& [algorithm, open, secret] : kinds) {
    const jwt::JwtVerifier verifier{
        {.algorithm = algorithm, .key_file = dir.write(algorithm, open), .jwks_file = "", .audience = "", .issuer = ""},
        log,
        metrics,
        clock};
    const jwt::TokenRequest request{.algorithm = algorithm,
                                    .key = secret,
                                    .key_id = "",
                                    .user = "ann",
                                    .company = "acme",
                                    .stores = {},
                                    .grants = std::nullopt,
                                    .audience = "",
                                    .issuer = "",
                                    .now = clock.now()};
    const double fresh = rate(verifier, request, true);
    const double again = rate(verifier, request, false);
    std::cout << algorithm << ": " << static_cast<long>(fresh) << "/s fresh, " << static_cast<long>(again)
              << "/s again\n";
    EXPECT_GT(fresh, 500.0) << algorithm;
    EXPECT_GT(again, fresh / 2) << algorithm;
  }
}

}  // namespace
}  // namespace danwa::tests
