#include "adapters/persistence/rows.hpp"

#include <gtest/gtest.h>

namespace danwa::adapters {
namespace {

using namespace std::chrono_literals;

const WriteHealth::Clock::time_point kStart = WriteHealth::Clock::now();

TEST(WriteHealth, OutlivesFailuresOfLessThanTwoSeconds) {
  WriteHealth health;
  EXPECT_TRUE(health.healthy(kStart));
  health.failed(kStart);
  EXPECT_TRUE(health.failing());
  EXPECT_TRUE(health.healthy(kStart + 1999ms));
}

TEST(WriteHealth, EndsWithTwoSecondsOfFailures) {
  WriteHealth health;
  health.failed(kStart);
  health.failed(kStart + 1500ms);  // the first one counts
  EXPECT_FALSE(health.healthy(kStart + 2s));
}

TEST(WriteHealth, ComesBackWithOneSuccess) {
  WriteHealth health;
  health.failed(kStart);
  health.worked();
  EXPECT_FALSE(health.failing());
  EXPECT_TRUE(health.healthy(kStart + 10s));
  health.failed(kStart + 10s);
  EXPECT_TRUE(health.healthy(kStart + 11s));
  EXPECT_FALSE(health.healthy(kStart + 12s));
}

}  // namespace
}  // namespace danwa::adapters
