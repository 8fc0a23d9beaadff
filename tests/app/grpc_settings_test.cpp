#include <gtest/gtest.h>

#include "app/danwad/settings/settings_reader.hpp"

namespace danwa::app {
namespace {

Settings settings_from(std::vector<std::string> overrides) {
  SettingsSources sources;
  sources.overrides = std::move(overrides);
  return load_settings(sources);
}

TEST(GrpcSettings, GrpcIsOffByDefault) {
  const auto settings = settings_from({});
  EXPECT_EQ(settings.grpc.listen, "");
  EXPECT_EQ(settings.grpc.max_streams, 10'000);
}

std::string refusal_of_settings(std::vector<std::string> overrides) {
  try {
    settings_from(std::move(overrides));
    return "";
  } catch (const SettingsError& error) {
    return error.what();
  }
}

#ifdef DANWA_GRPC
TEST(GrpcSettings, DevelopmentStaysOnLoopback) {
  EXPECT_EQ(refusal_of_settings({"grpc.listen=127.0.0.1:0"}), "");
  EXPECT_EQ(refusal_of_settings({"grpc.listen=127.0.0.1:0", "grpc.guest=guest"}), "");
  EXPECT_NE(refusal_of_settings({"grpc.listen=0.0.0.0:9090"}).find("grpc.listen must be on loopback"),
            std::string::npos);
  EXPECT_NE(refusal_of_settings({"grpc.listen=9090"}).find("grpc.listen must be host:port"), std::string::npos);
}

TEST(GrpcSettings, AGuestIsForDevelopmentAlone) {
  const std::vector<std::string> signed_tokens{"auth.mode=jwt", "auth.jwt.key_file=key", "grpc.listen=127.0.0.1:0"};
  EXPECT_EQ(refusal_of_settings(signed_tokens), "");
  auto with_guest = signed_tokens;
  with_guest.emplace_back("grpc.guest=guest");
  EXPECT_NE(refusal_of_settings(with_guest).find("grpc.guest"), std::string::npos);
}
#else
TEST(GrpcSettings, ABuildWithoutItSaysWhatItNeeds) {
  EXPECT_NE(refusal_of_settings({"grpc.listen=127.0.0.1:0"}).find("libgrpc++-dev"), std::string::npos);
}
#endif

}  // namespace
}  // namespace danwa::app
