#include "adapters/protocol/json/json_writer.hpp"

#include <gtest/gtest.h>

#include <string>

#include "usecase/ports/paging.hpp"

namespace danwa::adapters {
namespace {

TEST(JsonText, IsOfTheSizeThatPagesCount) {
  for (int c = 0; c < 256; ++c) {
    const std::string text = "a" + std::string(1, static_cast<char>(c)) + "b";
    std::string json;
    append_json_string(json, text);
    EXPECT_EQ(usecase::json_size(text), json.size() - 2) << c;
  }
}

}  // namespace
}  // namespace danwa::adapters
