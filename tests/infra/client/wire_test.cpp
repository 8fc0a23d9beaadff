#include <gtest/gtest.h>

#include "infra/client/endpoint.hpp"
#include "infra/client/websocket_wire.hpp"

namespace danwa::infra {
namespace {

TEST(HttpWire, ReadsAnAnswerAtEveryCut) {
  const std::string bytes = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-Y: z\r\n\r\nhello";
  HttpAnswer answer;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    ASSERT_EQ(parse_answer(bytes.substr(0, i), answer), Parsed::incomplete) << i;
  const std::string two = bytes + "HTTP/1.1 200";
  ASSERT_EQ(parse_answer(two, answer), Parsed::complete);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.size, bytes.size());
  EXPECT_EQ(answer.header("x-y").value_or(""), "z");
  EXPECT_FALSE(answer.header("x").has_value());
}

TEST(HttpWire, ReadsChunksAndAnswersWithoutABody) {
  HttpAnswer answer;
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  ASSERT_EQ(parse_answer(chunked, answer), Parsed::complete);
  EXPECT_EQ(join_chunks(answer.body).value_or(""), "abcde");
  ASSERT_EQ(parse_answer("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", answer), Parsed::complete);
  EXPECT_EQ(answer.body, "");
}

TEST(HttpWire, RefusesWhatIsNoAnswer) {
  HttpAnswer answer;
  EXPECT_EQ(parse_answer("SSH-2.0-OpenSSH_9\r\n\r\n", answer), Parsed::broken);
  EXPECT_EQ(parse_answer("HTTP/1.1 2x0 OK\r\n\r\n", answer), Parsed::broken);
  EXPECT_EQ(parse_answer("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", answer), Parsed::broken);
  EXPECT_EQ(parse_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", answer), Parsed::broken);
  EXPECT_EQ(parse_answer(std::string(70000, 'x'), answer), Parsed::broken);
}

TEST(WebSocketWire, ReadsFramesOfEveryLengthForm) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U}) {
    std::string bytes = "\x81";
    if (size < 126) {
      bytes += static_cast<char>(size);
    } else if (size < 65536) {
      bytes += {static_cast<char>(126), static_cast<char>(size >> 8), static_cast<char>(size & 0xFF)};
    } else {
      bytes += static_cast<char>(127);
      for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>((std::uint64_t{size} >> shift) & 0xFF);
    }
    bytes += std::string(size, 'p');
    ServerFrame frame;
    ASSERT_EQ(parse_frame(bytes, frame), Parsed::complete) << size;
    EXPECT_EQ(frame.payload.size(), size);
    EXPECT_EQ(frame.size, bytes.size());
    ASSERT_EQ(parse_frame(std::string_view{bytes}.substr(0, bytes.size() - 1), frame), Parsed::incomplete);
  }
}

TEST(WebSocketWire, RefusesMaskedFragmentedAndHugeFrames) {
  ServerFrame frame;
  EXPECT_EQ(parse_frame("\x81\x85mask", frame), Parsed::broken);
  EXPECT_EQ(parse_frame(std::string_view{"\x01\x00", 2}, frame), Parsed::broken);
  EXPECT_EQ(parse_frame(std::string_view{"\xC1\x00", 2}, frame), Parsed::broken);
  EXPECT_EQ(parse_frame("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", frame), Parsed::broken);
}

TEST(WebSocketWire, MasksWhatAClientSends) {
  const std::string frame = client_frame(Opcode::pong, "ab", 0x01020304);
  EXPECT_EQ(frame,
            std::string("\x8A\x82\x01\x02\x03\x04", 6) + static_cast<char>('a' ^ 1) + static_cast<char>('b' ^ 2));
  EXPECT_EQ(close_code(std::string_view{"\x03\xE9", 2}), 1001);
  EXPECT_EQ(close_code(""), 1005);
}

TEST(Endpoint, ReadsTheUsualForms) {
  EXPECT_EQ(Endpoint::parse("127.0.0.1:80").name, "127.0.0.1:80");
  EXPECT_EQ(Endpoint::parse("http://127.0.0.1:80/").name, "127.0.0.1:80");
  EXPECT_EQ(Endpoint::parse("[::1]:80").addresses.front().family(), AF_INET6);
  for (const char* bad : {"", "80", ":80", "127.0.0.1", "127.0.0.1:", "https://127.0.0.1:1", "127.0.0.1:80/path",
                          "127.0.0.1:99999", "127.0.0.1:0", "::1:80"}) {
    EXPECT_THROW(Endpoint::parse(bad), NetworkError) << bad;
  }
}

}  // namespace
}  // namespace danwa::infra
