#include "adapters/protocol/http/request_guard.hpp"

#include <gtest/gtest.h>

#include "adapters/http/request_reader.hpp"
#include "adapters/protocol/http/guard_cases.hpp"

namespace danwa::adapters::http {
namespace {

int guarded_status(const std::string& head) {
  const auto guarded = guard_head(head, ReadLimits{});
  return guarded ? 0 : guarded.error().status;
}

/// The status of the refusal, or 0, when the bytes come in pieces of `size`.
int read_status(const std::string& bytes, std::size_t size) {
  RequestReader reader{ReadLimits{}};
  std::string waiting;
  for (std::size_t at = 0; at < bytes.size() && reader.state() == RequestReader::State::head; at += size) {
    waiting += bytes.substr(at, size);
    for (std::size_t used = 1; used > 0; waiting.erase(0, used)) used = reader.feed(waiting);
  }
  return reader.state() == RequestReader::State::refused ? reader.refusal().status : 0;
}

TEST(RequestGuard, GivesEveryHeadItsStatus) {
  const auto cases = guard_cases();
  EXPECT_GT(cases.size(), 200U);
  for (const auto& [name, head, status] : cases) EXPECT_EQ(guarded_status(head), status) << name;
}

TEST(RequestReader, RefusesWhatTheGuardRefusesHoweverTheBytesAreCut) {
  for (const auto& [name, head, status] : guard_cases()) {
    if (head.find("\r\n\r\n") + 4 < head.size()) continue;  // what follows the empty line is no head
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, head.size()}) {
      if (head.size() > 20'000 && size < 1000) continue;
      const int found = read_status(head, size);
      EXPECT_EQ(found != 0, status != 0) << name << " in pieces of " << size;
    }
  }
}

TEST(RequestReader, RefusesGarbageBeforeItsLineEnds) {
  EXPECT_EQ(read_status("\x16\x03\x01", 1), 400);        // a TLS hello
  EXPECT_EQ(read_status("PRI * HTTP/2.0\r\n", 1), 505);  // the preface of HTTP/2
  EXPECT_EQ(read_status("SSH-2.0-OpenSSH_9.2\r\n", 1), 400);
  EXPECT_EQ(read_status(std::string(33, 'A'), 1), 501);
  EXPECT_EQ(read_status("GET /" + std::string(9000, 'a'), 100), 414);
  EXPECT_EQ(read_status("GET / HTTP/1.1\n", 1), 400);
  EXPECT_EQ(read_status("GET / HTTP/1.1\r\nHost: a\n", 1), 400);
}

TEST(RequestReader, RefusesAnEndlessHead) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(read_status(start + "X: " + std::string(17'000, 'y'), 1000), 431);
  std::string lines = start;
  for (int i = 0; i < 200; ++i) lines += "X: y\r\n";
  EXPECT_EQ(read_status(lines, 1000), 431);
}

TEST(RequestGuard, ReadsTheFraming) {
  const auto head =
      guard_head(with_fields("Content-Length: 12\r\nExpect: 100-Continue\r\nConnection: x, Close\r\n"), {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->framing.content_length, 12U);
  EXPECT_TRUE(head->framing.expects_continue);
  EXPECT_FALSE(head->framing.keep_alive);
  EXPECT_FALSE(head->framing.chunked);
}

TEST(RequestGuard, KeepsAnOldConnectionOnlyWhenAsked) {
  EXPECT_FALSE(guard_head("GET / HTTP/1.0\r\n\r\n", {})->framing.keep_alive);
  EXPECT_TRUE(guard_head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", {})->framing.keep_alive);
  EXPECT_FALSE(guard_head("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", {})->framing.keep_alive);
  EXPECT_FALSE(
      guard_head("GET / HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n", {})->framing.keep_alive);
  EXPECT_TRUE(guard_head("GET / HTTP/1.1\r\nHost: a\r\n\r\n", {})->framing.keep_alive);
}

}  // namespace
}  // namespace danwa::adapters::http
