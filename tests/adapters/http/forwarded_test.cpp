#include "adapters/http/origin_check.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace danwa::adapters::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

TEST(Forwarded, RequestsOfThisHostAreNot) {
  const std::vector<Headers> near{
      {},
      {{"host", "127.0.0.1:8080"}, {"authorization", "Bearer ann"}, {"origin", "http://localhost"}},
      {{"x-forwarded-for", "127.0.0.1"}},
      {{"x-forwarded-for", "127.0.0.1, 127.8.9.10"}, {"via", "1.1 caddy"}},
      {{"x-forwarded-for", "::1"}, {"x-forwarded-host", "localhost:5173"}, {"x-forwarded-proto", "http"}},
      {{"x-forwarded-for", "::ffff:127.0.0.1"}},
      {{"x-forwarded-for", "::FFFF:127.0.0.1"}},
      {{"x-forwarded-for", "0:0:0:0:0:0:0:1"}},
      {{"x-forwarded-for", "0000:0000:0000:0000:0000:0000:0000:0001"}},
      {{"x-forwarded-for", "127.0.0.1:51234"}},
      {{"x-forwarded-for", "[::1]:51234"}},
      {{"x-real-ip", "127.0.0.1"}},
      {{"forwarded", "for=127.0.0.1"}},
      {{"forwarded", "for=\"[::1]:4711\";proto=http;by=203.0.113.43"}},
      {{"forwarded", "proto=http;FOR=127.0.0.1, For=\"127.0.0.2:80\""}},
      {{"x-request-id", "203.0.113.7"}},
  };
  for (const auto& headers : near) {
    EXPECT_FALSE(is_forwarded_from_afar(headers)) << (headers.empty() ? "" : headers.front().second);
  }
}

TEST(Forwarded, EveryAddressOffLoopbackIsAfarInWhicheverHeader) {
  for (const char* name :
       {"x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "x-cluster-client-ip",
        "fastly-client-ip", "x-forwarded", "forwarded-for", "x-envoy-external-address", "x-original-forwarded-for"}) {
    for (const char* address : {"203.0.113.7",
                                "10.0.0.1",
                                "192.168.0.9",
                                "2001:db8::1",
                                "[2001:db8::1]:80",
                                "203.0.113.7:80",
                                "unknown",
                                "_hidden",
                                "localhost",
                                "127.0.0",
                                "127.0.0.1.5",
                                "127.0.0.256",
                                "1127.0.0.1",
                                "127.0.0.1x",
                                "::",
                                "::2",
                                "1::1",
                                "::1:1",
                                "::ffff:10.0.0.1",
                                "1::ffff:127.0.0.1",
                                "[::1",
                                "0:0:1",
                                ":1",
                                "::1::1",
                                "128.0.0.1",
                                "0.0.0.0",
                                "-",
                                "127.0.0.1 evil",
                                "127.0.0.1, 203.0.113.7",
                                "203.0.113.7, 127.0.0.1"}) {
      EXPECT_TRUE(is_forwarded_from_afar({{name, address}})) << name << ": " << address;
    }
  }
  EXPECT_TRUE(is_forwarded_from_afar({{"x-forwarded-for", "127.0.0.1"}, {"x-forwarded-for", "203.0.113.7"}}));
  EXPECT_TRUE(is_forwarded_from_afar({{"x-forwarded-for", "127.0.0.1"}, {"x-real-ip", "203.0.113.7"}}));
}

TEST(Forwarded, ReadsForwardedAsRfc7239HasIt) {
  for (const char* value : {"for=192.0.2.60;proto=http;by=203.0.113.43", "For=\"[2001:db8:cafe::17]:4711\"",
                            "for=192.0.2.43, for=198.51.100.17", "for=\"_gazonk\"", "for=unknown",
                            "for=127.0.0.1, for=192.0.2.43", "by=127.0.0.1", "proto=https", "", "for=", "for=\"\""}) {
    EXPECT_TRUE(is_forwarded_from_afar({{"forwarded", value}})) << value;
  }
}

TEST(Forwarded, AProxyThatNamesNoAddressIsAfar) {
  EXPECT_TRUE(is_forwarded_from_afar({{"via", "1.1 proxy.example"}}));
  EXPECT_TRUE(is_forwarded_from_afar({{"x-forwarded-host", "chat.example"}}));
  EXPECT_TRUE(is_forwarded_from_afar({{"x-forwarded-proto", "https"}}));
  EXPECT_TRUE(is_forwarded_from_afar({{"x-forwarded-for", ""}}));
  EXPECT_TRUE(is_forwarded_from_afar({{"cdn-loop", "cloudflare"}}));
}

TEST(Forwarded, TheErrorSaysWhatToDo) {
  const auto error = development_behind_proxy().first();
  EXPECT_EQ(error.kind, domain::ErrorKind::forbidden);
  EXPECT_EQ(error.code, "development-behind-proxy");
  EXPECT_NE(error.message.find("auth.mode"), std::string::npos);
}

}  // namespace
}  // namespace danwa::adapters::http
