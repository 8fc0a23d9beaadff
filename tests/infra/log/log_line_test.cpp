#include <gtest/gtest.h>

#include <limits>

#include "infra/log/json_logger.hpp"

namespace danwa::log {
namespace {

using adapters::LogLevel;

constexpr const char* kTime = "2026-11-22T09:08:07.006Z";

TEST(JsonLine, HoldsTimeLevelEventNodeAndFields) {
  EXPECT_EQ(format_json_line(LogLevel::info, "comment.saved", "n1", {{"id", "x"}, {"ms", 3}, {"ok", true}, {"r", 0.5}},
                             kTime),
            R"({"ts":"2026-11-22T09:08:07.006Z","level":"info","event":"comment.saved","node":"n1",)"
            R"("id":"x","ms":3,"ok":true,"r":0.5})");
}

TEST(JsonLine, StaysOneLineOfJsonWhateverTheFieldHolds) {
  const std::string line =
      format_json_line(LogLevel::warn, "e", "", {{"a\"b", "x\ny\"\\\x01"}, {"bad", "\xFF\xC3"}}, kTime);
  EXPECT_EQ(line, R"({"ts":"2026-11-22T09:08:07.006Z","level":"warn","event":"e","a\"b":"x\ny\"\\\u0001","bad":"??"})");
}

TEST(JsonLine, HasNoNumberThatIsNone) {
  const std::string line =
      format_json_line(LogLevel::debug, "e", "", {{"a", std::numeric_limits<double>::quiet_NaN()}}, kTime);
  EXPECT_NE(line.find(R"("a":null)"), std::string::npos);
}

TEST(TextLine, IsForPeople) {
  EXPECT_EQ(format_text_line(LogLevel::info, "node.started", {{"http", "127.0.0.1:1"}, {"pid", 7}}, kTime),
            R"(09:08:07.006 info  node.started http="127.0.0.1:1" pid=7)");
}

}  // namespace
}  // namespace danwa::log
