#include "infra/redis/redis_connection.hpp"

#include <gtest/gtest.h>

namespace danwa::redis {
namespace {

using namespace std::string_literals;
using Kind = Reply::Kind;

Reply only(const std::string& bytes) {
  ReplyReader reader;
  reader.feed(bytes);
  auto reply = reader.next();
  EXPECT_TRUE(reply) << reader.error();
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.failed()) << reader.error();
  return reply.value_or(Reply{});
}

TEST(ReplyReader, ReadsEveryKind) {
  EXPECT_EQ(only("+PONG\r\n").kind, Kind::status);
  EXPECT_EQ(only("+PONG\r\n").text, "PONG");
  EXPECT_EQ(only("-NOAUTH no\r\n").kind, Kind::error);
  EXPECT_EQ(only("-NOAUTH no\r\n").text, "NOAUTH no");
  EXPECT_EQ(only(":-42\r\n").integer, -42);
  EXPECT_EQ(only("$-1\r\n").kind, Kind::nil);
  EXPECT_EQ(only("*-1\r\n").kind, Kind::nil);
  EXPECT_EQ(only("$4\r\na\0\r\n\r\n"s).text, "a\0\r\n"s);
  EXPECT_EQ(only("*0\r\n").kind, Kind::array);
}

TEST(ReplyReader, ReadsWhatIsPublishedInAnyPieces) {
  const std::string bytes = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$3\r\na\r\n\r\n*2\r\n*1\r\n:7\r\n$1\r\nx\r\n";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    ReplyReader reader;
    std::vector<Reply> replies;
    for (std::size_t i = 0; i < bytes.size(); i += size) {
      reader.feed(std::string_view{bytes}.substr(i, size));
      while (auto reply = reader.next()) replies.push_back(std::move(*reply));
    }
    ASSERT_EQ(replies.size(), 2U) << size << ": " << reader.error();
    ASSERT_EQ(replies[0].items.size(), 3U);
    EXPECT_EQ(replies[0].items[2].text, "a\r\n");
    ASSERT_EQ(replies[1].items.size(), 2U);
    EXPECT_EQ(replies[1].items[0].items.at(0).integer, 7);
    EXPECT_EQ(replies[1].items[1].text, "x");
  }
}

TEST(ReplyReader, FailsAtWhatIsNotTheProtocol) {
  for (const auto& bytes : {"HTTP/1.1 400 Bad Request\r\n"s, "\0\0\0\0"s, "*9\r\n:1\r\n"s, "*2147483647\r\n"s,
                            "*99999999999999999999\r\n"s, "$-7\r\n"s, ":abc\r\n"s, "*2\r\n:1\r\nx"s,
                            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"s}) {
    ReplyReader reader;
    reader.feed(bytes);
    while (reader.next()) {
    }
    EXPECT_TRUE(reader.failed()) << bytes;
    reader.feed("+PONG\r\n");
    EXPECT_FALSE(reader.next());
  }
}

TEST(ReplyReader, WaitsForNoMoreThanItKeeps) {
  ReplyReader reader;
  reader.feed("$1000000000\r\n");
  const std::string piece(64 * 1024, 'x');
  std::size_t fed = 0;
  for (; !reader.failed() && fed < 2 * ReplyReader::kMostBytes; fed += piece.size()) {
    EXPECT_FALSE(reader.next());
    reader.feed(piece);
  }
  EXPECT_TRUE(reader.failed());
  EXPECT_LE(fed, ReplyReader::kMostBytes + 2 * piece.size());
}

TEST(Command, KeepsEveryByteOfItsWords) {
  std::string out = "before";
  append_command(out, {"PUBLISH", "c\r\n", "\0x"s, ""});
  EXPECT_EQ(out, "before*4\r\n$7\r\nPUBLISH\r\n$3\r\nc\r\n\r\n$2\r\n\0x\r\n$0\r\n\r\n"s);
}

}  // namespace
}  // namespace danwa::redis
