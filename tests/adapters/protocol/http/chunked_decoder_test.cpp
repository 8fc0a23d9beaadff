#include "adapters/protocol/http/request_guard.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace danwa::adapters::http {
namespace {

constexpr std::size_t kMaxBody = 1000;

struct Outcome {
  int status = 0;  // of the refusal
  bool done = false;
  std::string body;
  std::size_t used = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Feeds `bytes` cut at these places (ascending).
Outcome decode(const std::string& bytes, std::vector<std::size_t> cuts) {
  ChunkedDecoder decoder{ReadLimits{}, kMaxBody};
  Outcome outcome;
  cuts.push_back(bytes.size());
  for (const auto cut : cuts) {
    while (outcome.used < cut && !decoder.done() && !decoder.refusal()) {
      outcome.used += decoder.feed(std::string_view{bytes}.substr(outcome.used, cut - outcome.used), outcome.body);
    }
  }
  outcome.done = decoder.done();
  outcome.status = decoder.refusal() ? decoder.refusal()->status : 0;
  return outcome;
}

Outcome decode(const std::string& bytes) { return decode(bytes, {}); }

TEST(ChunkedDecoder, JoinsTheChunks) {
  const auto outcome = decode("3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\nGET /");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.body, "abc0123456789");
  EXPECT_EQ(outcome.used, 29U) << "what follows belongs to the next request";
}

TEST(ChunkedDecoder, TakesExtensionsAndTrailersAndForgetsThem) {
  const auto outcome = decode("3;a=b;c=\"d e\"\r\nabc\r\n000;x\r\nX-Trailer: 1\r\nContent-Length: 7\r\n\r\n");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.body, "abc");
}

TEST(ChunkedDecoder, RefusesEveryDeviation) {
  const std::pair<std::string, int> cases[] = {
      {"G\r\n", 400},
      {"\r\n", 400},
      {";x\r\n", 400},
      {"-3\r\nabc\r\n", 400},
      {"+3\r\nabc\r\n", 400},
      {"0x3\r\nabc\r\n", 400},
      {" 3\r\nabc\r\n", 400},
      {"3 \r\nabc\r\n", 400},
      {"3 ;x\r\nabc\r\n", 400},
      {"3\t\r\nabc\r\n", 400},
      {"\"3\"\r\nabc\r\n", 400},
      {std::string{"3\0\r\nabc\r\n", 10}, 400},
      {"00000000000000003\r\nabc\r\n", 400},
      {"8000000000000000\r\n", 400},
      {"FFFFFFFFFFFFFFFF\r\n", 400},
      {"10000000000000003\r\n", 400},
      {"3\nabc\r\n", 400},
      {"3\rabc\r\n", 400},
      {"3\r\r\nabc\r\n", 400},
      {"3\r\nabc\n0\r\n\r\n", 400},
      {"3\r\nabc\r0\r\n\r\n", 400},
      {"3\r\nabcd\r\n", 400},
      {"3\r\nabc0\r\n", 400},
      {"3;a\nb\r\nabc\r\n", 400},
      {"3;a\rb\r\nabc\r\n", 400},
      {std::string{"3;\0\r\nabc\r\n", 11}, 400},
      {"3;" + std::string(257, 'x') + "\r\nabc\r\n", 413},
      {"3E9\r\n", 413},
      {"FFFFFF\r\n", 413},
      {"3E8\r\n" + std::string(1000, 'a') + "\r\n1\r\n", 413},
      {"0\r\nXX\r\n", 400},
      {"0\r\n X: y\r\n\r\n", 400},
      {"0\r\n: y\r\n\r\n", 400},
      {"0\r\nX: y\n\r\n", 400},
      {"0\r\nX : y\r\n\r\n", 400},
      {"0\r\nX: \x01\r\n\r\n", 400},
      {"0\r\n\n", 400},
      {"0\r\n\rX", 400},
      {"0\n\r\n", 400},
      {"0\r\nX: " + std::string(9000, 'y') + "\r\n\r\n", 431},
  };
  for (const auto& [bytes, status] : cases) {
    EXPECT_EQ(decode(bytes).status, status) << bytes.substr(0, 60);
    EXPECT_FALSE(decode(bytes).done) << bytes.substr(0, 60);
  }
}

TEST(ChunkedDecoder, TakesABodyOfExactlyTheLimit) {
  const auto outcome = decode("3E8\r\n" + std::string(1000, 'a') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.body.size(), 1000U);
}

TEST(ChunkedDecoder, DoesNotSeeAnyOfTwoCuts) {
  const std::string texts[] = {"5;x=1\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\nrest", "3\r\nabc\r\n2;\x01\r\n",
                               "3\r\nabcX\r\n", "0\r\n\r\n"};
  for (const auto& text : texts) {
    const auto whole = decode(text);
    for (std::size_t a = 0; a <= text.size(); ++a) {
      for (std::size_t b = a; b <= text.size(); ++b) EXPECT_EQ(decode(text, {a, b}), whole) << a << ' ' << b;
    }
  }
}

RC_GTEST_PROP(ChunkedDecoder, GivesTheSameForAnyBytesAndCuts, ()) {
  const auto commands = rc::gen::container<std::string>(rc::gen::elementOf(std::string{"0123aF;x:\r\n \t\0", 15}));
  auto bytes = *commands;
  if (*rc::gen::arbitrary<bool>()) bytes = "5\r\nhello\r\n" + bytes;
  auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  RC_ASSERT(decode(bytes, cuts) == decode(bytes));
}

RC_GTEST_PROP(ChunkedDecoder, GivesBackWhatWasChunked, (const std::vector<std::string>& chunks)) {
  std::string coded;
  std::string plain;
  for (const auto& chunk : chunks) {
    if (chunk.empty() || plain.size() + chunk.size() > kMaxBody) continue;
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    coded += size + chunk + "\r\n";
    plain += chunk;
  }
  coded += "0\r\n\r\n";
  RC_ASSERT(decode(coded) == (Outcome{0, true, plain, coded.size()}));
}

}  // namespace
}  // namespace danwa::adapters::http
