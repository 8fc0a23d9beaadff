#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "app/danwad/settings/database_url.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "support/has.hpp"
#include "support/temporary_directory.hpp"

namespace danwa::app {
namespace {

std::string refusal_of(const std::function<void()>& act) {
  try {
    act();
    return "";
  } catch (const SettingsError& error) {
    return error.what();
  }
}

std::string url_refusal(const std::string& url) {
  return refusal_of([&] { parse_redis_url(url); });
}

using tests::has;

TEST(RedisUrl, NamesHostAndPort) {
  const auto named = parse_redis_url("redis://redis.example.com:6380");
  EXPECT_EQ(named.host, "redis.example.com");
  EXPECT_EQ(named.port, 6380);
  EXPECT_EQ(parse_redis_url("redis://127.0.0.1:1").host, "127.0.0.1");
  const auto v6 = parse_redis_url("redis://[::1]:65535");
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.port, 65535);
}

TEST(RedisUrl, RefusesWhatIsNotSupportedAndSaysWhatIs) {
  EXPECT_TRUE(has(url_refusal("rediss://host:6379"), "TLS"));
  EXPECT_TRUE(has(url_refusal("unix:///run/redis.sock"), "TCP only"));
  EXPECT_TRUE(has(url_refusal("redis+sentinel://host:1"), "TCP only"));
  EXPECT_TRUE(has(url_refusal("redis://host:6379/0"), "no databases"));
  EXPECT_TRUE(has(url_refusal("redis://host:6379/"), "no databases"));
  EXPECT_TRUE(has(url_refusal("redis://host:6379?timeout=1"), "no options"));
  const auto secret = url_refusal("redis://ann:hunter2@host:6379");
  EXPECT_TRUE(has(secret, "redis.password_file"));
  EXPECT_FALSE(has(secret, "hunter2"));
}

TEST(RedisUrl, RefusesWhatIsNoAddress) {
  for (const auto* url : {"", "redis", "redis:", "http://host:6379", "host:6379"}) {
    EXPECT_TRUE(has(url_refusal(url), "redis://127.0.0.1:6379")) << url;
  }
  for (const auto* url : {"redis://host", "redis://[::1]", "redis://"}) {
    EXPECT_TRUE(has(url_refusal(url), "name the port")) << url;
  }
  for (const auto* url :
       {"redis://host:", "redis://host:0", "redis://host:65536", "redis://host:6x", "redis://host:-1"}) {
    EXPECT_TRUE(has(url_refusal(url), "1 to 65535")) << url;
  }
  for (const auto* url : {"redis://:6379", "redis://a b:6379", "redis://[]:6379"})
    EXPECT_NE(url_refusal(url), "") << url;
  EXPECT_TRUE(has(url_refusal("redis://::1:6379"), "brackets"));
}

std::string bus_refusal(std::vector<std::string> overrides) {
  overrides.push_back("bus=redis");
  return refusal_of([&] { load_settings({.overrides = std::move(overrides)}); });
}

#ifdef DANWA_REDIS
TEST(RedisSettings, HaveDefaults) {
  const Settings settings = load_settings({.overrides = {"bus=redis"}});
  EXPECT_EQ(settings.redis.url, "redis://127.0.0.1:6379");
  EXPECT_EQ(settings.redis.user, "");
  EXPECT_EQ(settings.redis.password, "");
  EXPECT_EQ(settings.redis.command_timeout.count(), 1000);
}

TEST(RedisSettings, AreCheckedTogether) {
  EXPECT_TRUE(has(bus_refusal({"redis.url=rediss://host:1"}), "redis.url"));
  EXPECT_TRUE(has(bus_refusal({"redis.user=ann"}), "redis.password"));
  EXPECT_EQ(bus_refusal({"redis.user=ann", "redis.password=x"}), "");
  EXPECT_TRUE(has(bus_refusal({"redis.command_timeout_ms=10"}), "50 to 60000"));
}
#else
TEST(RedisSettings, AreRefusedInABuildWithoutRedis) { EXPECT_TRUE(has(bus_refusal({}), "not part of this build")); }
#endif

TEST(RedisSettings, AreNotLookedAtForAnotherBus) {
  EXPECT_EQ(refusal_of([] { load_settings({.overrides = {"redis.url=nonsense"}}); }), "");
}

TEST(RedisSettings, TakeThePasswordFromAFileOrTheEnvironmentAndShowItNowhere) {
  const tests::TemporaryDirectory folder;
  std::ofstream{folder.file("password")} << "hunter2\n";
  const SettingsSources from_file{.overrides = {"redis.password_file=" + folder.file("password")}};
  EXPECT_EQ(load_settings(from_file).redis.password, "hunter2");
  EXPECT_FALSE(has(print(read_values(from_file)), "hunter2"));
  const SettingsSources from_environment{.environment = {{"DANWA_REDIS_PASSWORD", "hunter3"}}};
  EXPECT_EQ(load_settings(from_environment).redis.password, "hunter3");
  EXPECT_FALSE(has(print(read_values(from_environment)), "hunter3"));
}

}  // namespace
}  // namespace danwa::app
