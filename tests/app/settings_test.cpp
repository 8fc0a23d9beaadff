#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/settings/settings_reader.hpp"
#include "app/settings/settings_rules.hpp"
#include "support/has.hpp"

namespace danwa::app {
namespace {

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "danwa-settings-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_ / name} << text;
    return (folder_ / name).string();
  }

  static Settings load(const SettingsSources& sources) { return to_settings(read_values(sources)); }

  static std::string refusal(const SettingsSources& sources) {
    try {
      load(sources);
      return "";
    } catch (const SettingsError& error) {
      return error.what();
    }
  }

  std::filesystem::path folder_;
};

using tests::has;

TEST_F(SettingsTest, DefaultsMakeANodeOnLoopback) {
  const Settings settings = load({});
  EXPECT_EQ(settings.http.listen, "127.0.0.1:8080");
  EXPECT_EQ(settings.auth.mode, "development");
  EXPECT_FALSE(settings.node.name.empty());
}

TEST_F(SettingsTest, LaterSourcesWin) {
  const auto file =
      write("a.toml", "[http]\nlisten = '127.0.0.1:1'\nadvertise = '127.0.0.1:11'\nmax_connections = 7\n");
  const Settings settings =
      load({.file = file,
            .environment = {{"DANWA_HTTP_LISTEN", "127.0.0.1:2"}, {"DANWA_HTTP_ADVERTISE", "127.0.0.1:22"}},
            .overrides = {"http.listen=127.0.0.1:3"}});
  EXPECT_EQ(settings.http.listen, "127.0.0.1:3");
  EXPECT_EQ(settings.http.advertise, "127.0.0.1:22");
  EXPECT_EQ(settings.http.max_connections, 7);
}

TEST_F(SettingsTest, AnEmptyVariableIsUnset) {
  EXPECT_EQ(load({.environment = {{"DANWA_HTTP_LISTEN", ""}}}).http.listen, "127.0.0.1:8080");
}

TEST_F(SettingsTest, ListsAreSplitAtSpaces) {
  const Settings settings =
      load({.overrides = {"cluster.listen=127.0.0.1:0", "cluster.seeds=127.0.0.1:1  127.0.0.1:2"}});
  EXPECT_EQ(settings.cluster.seeds, (std::vector<std::string>{"127.0.0.1:1", "127.0.0.1:2"}));
  EXPECT_TRUE(load({.overrides = {"cluster.seeds="}}).cluster.seeds.empty());
}

TEST_F(SettingsTest, UnknownKeysAreErrorsWithTheNearestName) {
  EXPECT_EQ(refusal({.overrides = {"http.lisen=x"}}), "--set: unknown setting http.lisen; did you mean http.listen?");
  const auto file = write("a.toml", "\n[http]\nmax_conections = 1\n");
  const std::string line = refusal({.file = file});
  EXPECT_TRUE(has(line, "a.toml line 3: unknown setting http.max_conections; did you mean http.max_connections?"))
      << line;
  const std::string variable = refusal({.environment = {{"DANWA_HTTP_LISTENS", "x"}}});
  EXPECT_TRUE(has(variable, "DANWA_HTTP_LISTENS") && has(variable, "did you mean DANWA_HTTP_LISTEN?")) << variable;
}

TEST_F(SettingsTest, FailpointsAndForeignVariablesAreLeftAlone) {
  EXPECT_EQ(refusal({.environment = {{"DANWA_FAILPOINT", "before-commit"}, {"DANWALL", "x"}, {"HOME", "/"}}}), "");
  EXPECT_EQ(refusal({.environment = {{"DANWA_NODES", "x"}, {"DANWA_TOKEN", "x"}, {"DANWA_TEST_LONG", "0"}}}), "");
}

TEST_F(SettingsTest, WrongTypesAndRangesNameTheirLine) {
  const auto type = write("a.toml", "[http]\nmax_connections = 'many'\n");
  EXPECT_TRUE(has(refusal({.file = type}), "a.toml line 2: http.max_connections must be a whole number"));
  const auto range = write("b.toml", "[http]\nmax_connections = 0\n");
  EXPECT_TRUE(has(refusal({.file = range}), "b.toml line 2: http.max_connections must be 1 to"));
  EXPECT_TRUE(has(refusal({.overrides = {"log.level=loud"}}), "must be one of: debug, info, warn, error"));
  EXPECT_TRUE(has(refusal({.overrides = {"cluster.plain_network=yes"}}), "must be true or false"));
  const auto broken = write("c.toml", "[http\n");
  EXPECT_TRUE(has(refusal({.file = broken}), "c.toml line 1, column")) << refusal({.file = broken});
  EXPECT_TRUE(has(refusal({.file = "/nonexistent.toml"}), "cannot be read"));
}

TEST_F(SettingsTest, DevelopmentModeStaysOnLoopback) {
  EXPECT_TRUE(has(refusal({.overrides = {"http.listen=0.0.0.0:80"}}), "loopback"));
  EXPECT_EQ(refusal({.overrides = {"http.listen=0.0.0.0:80", "auth.mode=jwt", "auth.jwt.key_file=k"}}), "");
}

TEST_F(SettingsTest, AClusterOnSqliteStaysOnOneHost) {
  for (const std::string setting :
       {"cluster.listen=10.0.0.1:90", "cluster.seeds=10.0.0.1:90", "cluster.advertise=10.0.0.1:90"}) {
    const std::string line = refusal({.overrides = {"cluster.listen=127.0.0.1:90", setting}});
    EXPECT_TRUE(has(line, "SQLite") && has(line, "one host")) << setting << ": " << line;
  }
}

TEST_F(SettingsTest, AnOriginOrHostThatMatchesNothingIsRefused) {
  for (const std::string origin :
       {"chat.example.com", "https://chat.example.com/", "*", "https://*.example.com", "https://u@chat.example.com"}) {
    EXPECT_TRUE(has(refusal({.overrides = {"http.allowed_origins=" + origin}}), "scheme://host")) << origin;
  }
  for (const std::string host : {"https://chat.example.com", "*.example.com", "chat.example.com/x", "::1"}) {
    EXPECT_TRUE(has(refusal({.overrides = {"http.allowed_hosts=" + host}}), "host:port")) << host;
  }
  const auto good = load({.overrides = {"http.allowed_origins=https://a.example http://[::1]:3000 null",
                                        "http.allowed_hosts=a.example:443 [::1] 10.0.0.1"}});
  EXPECT_EQ(good.http.allowed_origins.size() + good.http.allowed_hosts.size(), 6U);
}

TEST_F(SettingsTest, AConnectionIsKeptLongerThanByTheUsualBalancer) {
  EXPECT_EQ(load({}).http.keep_alive, std::chrono::seconds{75}) << "AWS keeps one for 60 s";
  EXPECT_EQ(load({.overrides = {"http.keep_alive_ms=1000"}}).http.keep_alive, std::chrono::seconds{1});
  EXPECT_TRUE(has(refusal({.overrides = {"http.keep_alive_ms=0"}}), "http.keep_alive_ms"));
}

TEST_F(SettingsTest, JwtNeedsAKey) { EXPECT_TRUE(has(refusal({.overrides = {"auth.mode=jwt"}}), "auth.jwt.key_file")); }

TEST_F(SettingsTest, SecretsComeFromFilesAndAreMaskedInPrint) {
  const auto secret = write("secret", "open sesame\n");
  for (const SettingsSources& sources :
       {SettingsSources{.environment = {{"DANWA_CLUSTER_SECRET_FILE", secret}}},
        SettingsSources{.overrides = {"cluster.secret_file=" + secret}},
        SettingsSources{.file = write("a.toml", "[cluster]\nsecret_file = '" + secret + "'\n")}}) {
    EXPECT_EQ(load(sources).cluster.secret, "open sesame");
    const std::string text = print(read_values(sources));
    EXPECT_FALSE(has(text, "open sesame"));
    EXPECT_TRUE(has(text, "cluster.secret = \"********\""));
  }
  EXPECT_TRUE(has(refusal({.overrides = {"cluster.secret_file=/nonexistent"}}), "cannot be read"));
}

TEST_F(SettingsTest, PrintReadsBackAsTheSameSettings) {
  const auto values =
      read_values({.overrides = {"node.name=a", "http.allowed_origins=https://a.example https://b.example"}});
  EXPECT_EQ(read_values({.file = write("printed.toml", print(values))}), values);
}

TEST(Loopback, IsOnlyWhatNeverLeavesTheMachine) {
  for (const char* yes : {"127.0.0.1:80", "127.9.9.9:1", "localhost:80", "[::1]:80", "[::1]"})
    EXPECT_TRUE(is_loopback(yes));
  for (const char* no :
       {"0.0.0.0:80", "128.0.0.1:80", "127.0.0.1.example:80", "[::]:80", "localhost.example:80", ":80"}) {
    EXPECT_FALSE(is_loopback(no)) << no;
  }
}

}  // namespace
}  // namespace danwa::app
