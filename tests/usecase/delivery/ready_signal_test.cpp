#include "usecase/delivery/subscriber.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace danwa::delivery {
namespace {

TEST(ReadySignal, AMarkIsLeftForWhoeverDoesNotWait) {
  ReadySignal signal;
  EXPECT_FALSE(signal.take());
  EXPECT_FALSE(signal.raise());
  EXPECT_TRUE(signal.take());
  EXPECT_FALSE(signal.take());
}

TEST(ReadySignal, WhoeverWaitsIsToldOnce) {
  ReadySignal signal;
  EXPECT_FALSE(signal.wait());
  EXPECT_TRUE(signal.raise());
  EXPECT_TRUE(signal.take());
  EXPECT_FALSE(signal.raise());
}

TEST(ReadySignal, WhoeverWaitsTooLateIsReadyAtOnce) {
  ReadySignal signal;
  signal.raise();
  EXPECT_TRUE(signal.wait());
  EXPECT_FALSE(signal.raise()) << "nobody waits any more";
}

/// An actor that always has a batch, and a transport that writes each at once: neither may wait for the other for ever.
TEST(ReadySignal, NoWakeUpIsLostBetweenTwoThreads) {
  constexpr int kBatches = 50'000;
  ReadySignal signal;
  std::atomic<int> delivered{0};
  std::atomic<int> messages{0};
  std::atomic<bool> late{false};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  const auto until = [&](const auto& condition) {
    while (!condition() && !late) {
      std::this_thread::yield();
      if (std::chrono::steady_clock::now() > deadline) late = true;
    }
    return !late;
  };
  std::thread transport{[&] {
    for (int batch = 1; batch < kBatches && until([&] { return delivered >= batch; }); ++batch) {
      if (signal.raise()) ++messages;
    }
  }};
  delivered = 1;
  while (delivered < kBatches) {
    if (signal.wait()) {
      ++delivered;
    } else {
      if (!until([&] { return messages > 0; })) break;
      --messages;
      if (signal.take()) ++delivered;
    }
  }
  transport.join();
  EXPECT_EQ(delivered, kBatches);
}

}  // namespace
}  // namespace danwa::delivery
