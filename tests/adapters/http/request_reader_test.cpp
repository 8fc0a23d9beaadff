#include "adapters/http/request_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace danwa::adapters::http {
namespace {

using State = RequestReader::State;

/// Everything that a connection's bytes mean: each request as "METHOD target|body", then "refused 400" or
/// "cut" when a request is not whole.
std::vector<std::string> read_all(const std::string& bytes, const std::vector<std::size_t>& sizes) {
  RequestReader reader{ReadLimits{}};
  std::vector<std::string> events;
  std::string waiting;
  std::size_t at = 0;
  for (std::size_t turn = 0; at < bytes.size() || !waiting.empty(); ++turn) {
    const auto size = turn < sizes.size() ? sizes[turn] : bytes.size();
    waiting += bytes.substr(std::min(at, bytes.size()), size);
    at += size;
    for (bool moved = true; moved;) {
      const auto used = reader.feed(waiting);
      waiting.erase(0, used);
      moved = used > 0;
      if (reader.state() == State::head_read) reader.read_body(ReadLimits{}.max_body);
      if (reader.state() == State::refused) {
        events.push_back("refused " + std::to_string(reader.refusal().status));
        return events;
      }
      if (reader.state() == State::done) {
        const auto request = reader.take();
        events.push_back(request.method + ' ' + request.target + '|' + request.body);
        reader.restart();
        moved = true;
      }
    }
    if (at >= bytes.size()) break;
  }
  if (reader.begun()) events.emplace_back("cut");
  return events;
}

std::vector<std::string> read_all(const std::string& bytes) { return read_all(bytes, {}); }
using Events = std::vector<std::string>;

const std::string kTwo =
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n"
    "\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(RequestReader, ReadsPipelinedRequests) {
  EXPECT_EQ(read_all(kTwo), (Events{"POST /a|hello", "POST /b|abcde", "GET /c|"}));
}

TEST(RequestReader, DoesNotSeeWhereTheBytesAreCut) {
  const auto whole = read_all(kTwo);
  EXPECT_EQ(read_all(kTwo, std::vector<std::size_t>(kTwo.size(), 1)), whole);
  for (std::size_t cut = 1; cut < kTwo.size(); ++cut) EXPECT_EQ(read_all(kTwo, {cut}), whole) << cut;
}

TEST(RequestReader, IgnoresOneEmptyLineOnly) {
  EXPECT_EQ(read_all("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), Events{"GET /|"});
  EXPECT_EQ(read_all("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), Events{"refused 400"});
  EXPECT_EQ(read_all("\n"), Events{"refused 400"});
}

TEST(RequestReader, TellsACutRequest) {
  EXPECT_EQ(read_all("GET / HT"), Events{"cut"});
  EXPECT_EQ(read_all("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell"), Events{"cut"});
  EXPECT_EQ(read_all("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"), Events{"cut"});
  EXPECT_EQ(read_all(""), Events{});
}

TEST(RequestReader, RefusesATooLongBodyAtOnce) {
  EXPECT_EQ(read_all("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"), Events{"refused 413"});
  EXPECT_EQ(read_all("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n"), Events{"refused 413"});
  EXPECT_EQ(read_all("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n"),
            Events{"refused 413"});
}

TEST(RequestReader, NeverReadsASmuggledRequest) {
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const auto* framing :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: identity", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chun\tked", "Transfer-Encoding:", "Content-Length: 0\r\nContent-Length: 50",
        "Content-Length: 0, 50", "Content-Length: +0", "Transfer-Encoding : chunked", "X: y\r\n Content-Length: 3"}) {
    const auto events =
        read_all("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{framing} + "\r\n\r\n0\r\n\r\n" + smuggled);
    ASSERT_EQ(events.size(), 1U) << framing;
    EXPECT_TRUE(events[0].starts_with("refused ")) << framing;
  }
}

TEST(RequestReader, ForgetsASkippedBody) {
  RequestReader reader{ReadLimits{}};
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(reader.feed(head), head.size());
  reader.skip_body(100);
  EXPECT_EQ(reader.feed("helloGET"), 5U);
  EXPECT_EQ(reader.state(), State::done);
  EXPECT_EQ(reader.take().body, "");
}

TEST(RequestReader, JudgesARequestLineByItsFirstFaultHoweverItIsCut) {
  const auto answer = [](const std::string& bytes) {
    const auto whole = read_all(bytes);
    EXPECT_EQ(read_all(bytes, std::vector<std::size_t>(bytes.size(), 1)), whole) << bytes;
    return whole;
  };
  const std::string rest = " HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(answer("BREW /\xff" + rest), Events{"refused 400"});
  EXPECT_EQ(answer("GET /\xff HTTP/9.9\r\n\r\n"), Events{"refused 400"});
  EXPECT_EQ(answer(std::string(33, 'A') + " /\xff" + rest), Events{"refused 501"});
  EXPECT_EQ(answer(std::string(32, 'A') + "\xff /" + rest), Events{"refused 400"});
  EXPECT_EQ(answer("GET /" + std::string(20'000, 'a') + "\xff" + rest), Events{"refused 414"});
  EXPECT_EQ(answer("BREW /" + std::string(20'000, 'a') + rest), Events{"refused 414"});
  EXPECT_EQ(answer("GET /a\rb" + rest), Events{"refused 400"});
  EXPECT_EQ(answer(std::string(33, 'A') + "\n"), Events{"refused 501"});
  EXPECT_EQ(answer(" GET /" + rest), Events{"refused 400"});
}

RC_GTEST_PROP(RequestReader, GivesTheSameHoweverMutatedBytesAreCut, ()) {
  auto bytes = kTwo;
  const auto changes = *rc::gen::inRange(0, 4);
  for (int i = 0; i < changes; ++i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::elementOf(std::string{"\r\n :;0aZ\t\x01\xff"});
  }
  const auto sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40));
  RC_ASSERT(read_all(bytes, sizes) == read_all(bytes, std::vector<std::size_t>(bytes.size(), 1)));
}

}  // namespace
}  // namespace danwa::adapters::http
