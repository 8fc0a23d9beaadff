#include "app/danwa/requests.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace danwa::tool {
namespace {

class PositionMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "danwa-position-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    file_ = (folder_ / "position").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string file_;
};

TEST_F(PositionMemoryTest, LastsFromOneCommandToTheNext) {
  EXPECT_EQ(PositionMemory{file_}.latest(), std::nullopt);
  PositionMemory{file_}.saw("e.7");
  EXPECT_EQ(PositionMemory{file_}.latest(), (domain::Position{"e", 7}));
  PositionMemory{file_}.saw("e.5");
  EXPECT_EQ(PositionMemory{file_}.latest(), (domain::Position{"e", 7}));
  PositionMemory{file_}.saw("f.1");
  EXPECT_EQ(PositionMemory{file_}.latest(), (domain::Position{"f", 1}));
}

TEST_F(PositionMemoryTest, LearnsNothingFromAnAnswerWithoutOne) {
  PositionMemory memory{file_};
  memory.saw("");
  EXPECT_EQ(memory.latest(), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(PositionMemoryTest, WithoutAFileLastsAsLongAsItself) {
  PositionMemory memory{""};
  memory.saw("e.7");
  EXPECT_EQ(memory.latest(), (domain::Position{"e", 7}));
}

TEST_F(PositionMemoryTest, DoesNotGuessWhatAForeignFileMeans) {
  std::ofstream{file_} << "my shopping list\n";
  EXPECT_THROW(PositionMemory{file_}, std::runtime_error);
  EXPECT_THROW(PositionMemory{(folder_ / "nowhere" / "p").string()}.saw("e.1"), std::runtime_error);
}

}  // namespace
}  // namespace danwa::tool
