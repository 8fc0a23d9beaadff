#include "adapters/http/origin_check.hpp"

#include <gtest/gtest.h>

#include "adapters/http/requests.hpp"

namespace danwa::adapters::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Request asking(Headers headers) { return make_request("GET", "/", std::move(headers)); }

std::string spelling(std::string_view text) {
  const auto authority = parse_authority(text);
  if (!authority) return "none";
  return authority->host + (authority->port ? " " + std::to_string(*authority->port) : "");
}

TEST(Authority, HasOneSpelling) {
  const std::pair<const char*, const char*> cases[] = {
      {"a.example", "a.example"},
      {"A.Example.", "a.example"},
      {"a.example:80", "a.example 80"},
      {"a.example:", "a.example"},
      {"a.example.:0443", "a.example 443"},
      {"127.0.0.1:65535", "127.0.0.1 65535"},
      {"[::1]", "[0:0:0:0:0:0:0:1]"},
      {"[0:0:0:0:0:0:0:1]:80", "[0:0:0:0:0:0:0:1] 80"},
      {"[0::0001]", "[0:0:0:0:0:0:0:1]"},
      {"[2001:DB8::a:0]", "[2001:db8:0:0:0:0:a:0]"},
      {"[::]", "[0:0:0:0:0:0:0:0]"},
      {"[1::]", "[1:0:0:0:0:0:0:0]"},
      {"[::ffff:192.0.2.1]", "[0:0:0:0:0:ffff:c000:201]"},
      {"[1:2:3:4:5:6:192.0.2.1]", "[1:2:3:4:5:6:c000:201]"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(spelling(text), expected) << text;
}

TEST(Authority, IsNothingElse) {
  for (const auto* text : {"",
                           ":80",
                           "a b",
                           "a,b",
                           "a/b",
                           "a?b",
                           "a#b",
                           "user@a",
                           "a:b",
                           "a:-1",
                           "a:65536",
                           "a:000080",
                           "a:80:80",
                           "::1",
                           "[",
                           "[]",
                           "[::1",
                           "[::1]x",
                           "::1]",
                           "[g::1]",
                           "[1:2:3:4:5:6:7]",
                           "[1:2:3:4:5:6:7:8:9]",
                           "[::1::]",
                           "[:::]",
                           "[1:2:3:4:5:6:7::8]x",
                           "[1:2:3:4:5:6:7:8::]",
                           "[:1:2:3:4:5:6:7]",
                           "[1:]",
                           "[12345::]",
                           "[::1.2.3]",
                           "[::1.2.3.4.5]",
                           "[::1.2.3.256]",
                           "[::1.2.3.04]",
                           "[1.2.3.4::]",
                           "[1:2:3:4:5:6:7:1.2.3.4]",
                           "[fe80::1%1]",
                           "a%20b",
                           "\xc3\xa4",
                           "a\\b",
                           "<a>"}) {
    EXPECT_EQ(spelling(text), "none") << text;
    EXPECT_FALSE(is_valid_authority(text)) << text;
  }
}

TEST(Origin, IsSchemeHostAndPort) {
  EXPECT_EQ(parse_origin("HTTPS://A.example")->scheme, "https");
  EXPECT_EQ(parse_origin("capacitor://localhost")->authority.host, "localhost");
  for (const auto* text :
       {"", "null", "a.example", "://a", "http://", "http:a", "http://a/", "http://a/b", "http://a?b", "http://u@a",
        "http://u:p@a", "http://a http://b", "1http://a", "ht tp://a", "file://"}) {
    EXPECT_FALSE(parse_origin(text)) << text;
  }
}

int refused(const std::string& host, const std::string& origin) {
  const std::vector<std::string> hosts{"localhost",         "127.0.0.1",        "[::1]",
                                       "danwa.example:443", "plain.example:80", "odd.example:8443"};
  const std::vector<std::string> origins{
      "http://localhost",      "https://app.example",      "http://[::1]",          "https://tls.example:443",
      "http://old.example:80", "https://dev.example:3000", "capacitor://localhost", "rubbish"};
  const OriginCheck check{hosts, origins};
  Headers headers{{"host", host}};
  if (!origin.empty()) headers.emplace_back("origin", origin);
  if (const auto response = check.refuse_host(asking(headers))) return response->status;
  const auto response = check.refuse_origin(asking(headers));
  return response ? response->status : 0;
}

TEST(OriginCheck, AnswersItsHostsOnly) {
  for (const auto* host : {"localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1", "127.0.0.1:80", "[::1]",
                           "[::1]:8080", "[0:0::1]:1", "danwa.example:443", "danwa.example", "Danwa.Example.:443",
                           "danwa.example:", "plain.example", "plain.example:80", "odd.example:8443"}) {
    EXPECT_EQ(refused(host, ""), 0) << host;
  }
  for (const auto* host :
       {"evil.example", "danwa.example:80", "danwa.example:8443", "plain.example:443", "odd.example", "odd.example:443",
        "localhost.evil.example", "127.0.0.2", "[::2]", "[::ffff:127.0.0.1]", "", "localhost..", "rubbish"}) {
    EXPECT_EQ(refused(host, ""), 421) << host;
  }
}

TEST(OriginCheck, AnswersItsOriginsOnly) {
  for (const auto* origin : {"http://localhost", "http://localhost:3000", "HTTP://LocalHost", "https://app.example",
                             "https://app.example:443", "https://app.example:8443", "https://app.example.",
                             "http://[::1]:3000", "http://[0::1]", "http://127.0.0.1:8080", "https://127.0.0.1:8080",
                             "https://tls.example", "https://tls.example:443", "http://old.example",
                             "http://old.example:80", "https://dev.example:3000", "capacitor://localhost"}) {
    EXPECT_EQ(refused("127.0.0.1:8080", origin), 0) << origin;
  }
  for (const auto* origin : {"http://evil.example",
                             "null",
                             "https://localhost",
                             "http://127.0.0.1:81",
                             "http://127.0.0.1",
                             "https://127.0.0.1",
                             "http://localhost.evil.example",
                             "https://app.example.evil",
                             "file://",
                             "https://tls.example:8443",
                             "https://old.example",
                             "http://old.example:8080",
                             "https://dev.example",
                             "https://dev.example:443",
                             "http://tls.example:443",
                             "http://app.example",
                             "https://user@app.example",
                             "https://app.example/",
                             "https://app.example/x",
                             "https://app.example https://app.example",
                             "capacitor://127.0.0.1:8080",
                             "ws://localhost",
                             "rubbish",
                             "http://",
                             "app.example"}) {
    EXPECT_EQ(refused("127.0.0.1:8080", origin), 403) << origin;
  }
}

TEST(OriginCheck, KnowsItsOwnPagesByTheDefaultPortOfTheirScheme) {
  const std::vector<std::string> none{"none"};
  const auto own = [&none](const std::string& host, const std::string& origin) {
    return !OriginCheck{{}, none}.refuse_origin(asking({{"host", host}, {"origin", origin}}));
  };
  const std::pair<const char*, const char*> same[] = {
      {"chat.example", "https://chat.example"},          {"chat.example:443", "https://chat.example"},
      {"chat.example", "https://chat.example:443"},      {"chat.example:443", "https://chat.example:443"},
      {"chat.example", "http://chat.example"},           {"chat.example:80", "http://chat.example"},
      {"chat.example", "http://chat.example:80"},        {"Chat.Example.", "http://chat.example"},
      {"chat.example:8080", "http://chat.example:8080"}, {"[::1]:80", "http://[0:0:0:0:0:0:0:1]"},
      {"chat.example:", "https://chat.example"},
  };
  for (const auto& [host, origin] : same) EXPECT_TRUE(own(host, origin)) << host << " of " << origin;
  const std::pair<const char*, const char*> other[] = {
      {"chat.example:80", "https://chat.example"},
      {"chat.example:443", "http://chat.example"},
      {"chat.example", "https://chat.example:80"},
      {"chat.example", "http://chat.example:443"},
      {"chat.example:8080", "http://chat.example"},
      {"chat.example", "http://other.example"},
      {"chat.example", "null"},
      {"", "http://"},
      {"chat.example", "chrome-extension://chat.example"},
  };
  for (const auto& [host, origin] : other) EXPECT_FALSE(own(host, origin)) << host << " of " << origin;
}

TEST(OriginCheck, RefusesSeveralOrigins) {
  const std::vector<std::string> origins{"http://a"};
  const OriginCheck check{{}, origins};
  EXPECT_EQ(check.refuse_origin(asking({{"host", "x"}, {"origin", "http://a"}, {"origin", "http://a"}}))->status, 403);
}

TEST(OriginCheck, TakesNullWhereItIsListed) {
  const std::vector<std::string> origins{"null"};
  EXPECT_FALSE((OriginCheck{{}, origins}.refuse_origin(asking({{"host", "x"}, {"origin", "null"}}))));
  EXPECT_TRUE((OriginCheck{{}, origins}.refuse_origin(asking({{"host", "x"}, {"origin", "http://a"}}))));
}

TEST(OriginCheck, LetsEverybodyInWithoutLists) {
  const OriginCheck check{{}, {}};
  EXPECT_FALSE(check.refuse_host(asking({{"host", "x"}, {"origin", "http://y"}})));
  EXPECT_FALSE(check.refuse_origin(asking({{"host", "x"}, {"origin", "http://y"}})));
}

std::string found_in(std::string_view bytes, std::size_t size) {
  OriginFinder finder;
  for (std::size_t at = 0; at < bytes.size(); at += size) finder.feed(bytes.substr(at, size));
  return std::string{finder.origin()} + (finder.done() ? " done" : "");
}

TEST(OriginFinder, FindsTheOneOriginHoweverTheBytesAreCut) {
  const std::string start = "GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\nHost: x\r\n";
  for (const std::size_t size : {1U, 7U, 3000U, 100'000U}) {
    EXPECT_EQ(found_in(start + "ORIGIN: \thttp://a \r\nX: y\r\n\r\nOrigin: http://b\r\n", size), "http://a done");
    EXPECT_EQ(found_in(start + "Origin: http://a\r\n", size), "http://a");
    EXPECT_EQ(found_in(start + "Origin: http://a", size), "") << "the line has not ended";
    EXPECT_EQ(found_in(start + "Origin: http://a\r\nOrigin: http://a\r\n\r\n", size), " done");
    EXPECT_EQ(found_in(start + "X-Origin: http://a\r\n\r\n", size), " done");
    EXPECT_EQ(found_in(start + "X: " + std::string(70'000, 'y'), size), " done") << "there is an end to it";
  }
}

const std::vector<std::string> kPages{"https://app.example"};

std::string header(const Response& answer, std::string_view name) {
  const auto* found = answer.header(name);
  return found == nullptr ? "" : *found;
}

TEST(Cors, GrantsAListedOriginTheSightOfEveryAnswer) {
  for (const int status : {200, 304, 400, 414, 503}) {
    Response answer{.status = status};
    CorsPolicy{kPages}.grant("https://app.example", answer);
    EXPECT_EQ(header(answer, "Access-Control-Allow-Origin"), "https://app.example");
    EXPECT_NE(header(answer, "Access-Control-Expose-Headers").find("Danwa-Position"), std::string::npos);
    EXPECT_EQ(header(answer, "Vary"), "Origin");
  }
}

TEST(Cors, GrantsNothingToOthers) {
  for (const auto* origin : {"https://evil.example", "null", "", "https://app.example\r\nX: y"}) {
    Response answer;
    CorsPolicy{kPages}.grant(origin, answer);
    EXPECT_EQ(header(answer, "Access-Control-Allow-Origin"), "") << origin;
    EXPECT_EQ(header(answer, "Vary"), "Origin") << "a cache must know";
  }
}

std::string allowed(Headers headers, const std::string& origin = "https://app.example") {
  headers.insert(headers.end(), {{"origin", origin}, {"access-control-request-method", "PUT"}});
  Response answer{.status = 204};
  CorsPolicy{kPages}.allow_preflight(make_request("OPTIONS", "/", headers), answer);
  return header(answer, "Access-Control-Allow-Headers");
}

TEST(Cors, AllowsEveryHeaderThatAPageAsksFor) {
  const std::string asked = "access-control-request-headers";
  const std::string usual = allowed({});
  EXPECT_NE(usual.find("Authorization"), std::string::npos);
  EXPECT_EQ(allowed({{asked, "cache-control,traceparent, x-requested-with"}}),
            usual + ", cache-control, traceparent, x-requested-with");
  EXPECT_EQ(allowed({{asked, "authorization"}, {asked, ",x-a,"}}), usual + ", x-a");
  EXPECT_EQ(allowed({{asked, "x-a, b c"}}), usual) << "not a list of names";
  EXPECT_EQ(allowed({{asked, "x-a"}}, "https://evil.example"), "");
}

}  // namespace
}  // namespace danwa::adapters::http
