#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>

#include "infra/caf/cluster/child_node.hpp"
#include "infra/caf/cluster/test_node.hpp"

namespace danwa::caf {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

double own_cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) {
    return 1e6 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

double cpu_us_of(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string field;
  for (int i = 0; i < 13; ++i) file >> field;
  double user = 0;
  double kernel = 0;
  file >> user >> kernel;
  return (user + kernel) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Round trips: this node sends a ping, the child's bus brings it back as a pong.
struct RoundTrips {
  std::mutex mutex;
  std::vector<Clock::time_point> sent;
  std::vector<double> us;
  std::atomic<int> answered{0};

  double percentile(double part) {
    std::sort(us.begin(), us.end());
    return us.empty() ? -1 : us[static_cast<std::size_t>(part * static_cast<double>(us.size() - 1))];
  }
};

/// The median of one way, in us.
double measure(TestNode& node, const ChildNode& child, int rate, int count) {
  const auto shared = std::make_shared<RoundTrips>();
  RoundTrips& trips = *shared;
  trips.sent.resize(static_cast<std::size_t>(count) + 1);
  node.on_frame([shared](const delivery::FramePtr& frame) {
    const auto now = Clock::now();
    if (frame->channel().key != "pong") return;
    const std::lock_guard lock{shared->mutex};
    shared->us.push_back(std::chrono::duration<double, std::micro>(now - shared->sent[frame->seq()]).count());
    ++shared->answered;
  });
  const double own = own_cpu_us();
  const double other = cpu_us_of(child.pid());
  auto next = Clock::now();
  for (int i = 1; i <= count; ++i) {
    next += nanoseconds{1'000'000'000 / rate};
    std::this_thread::sleep_until(next);
    {
      const std::lock_guard lock{trips.mutex};
      trips.sent[static_cast<std::size_t>(i)] = Clock::now();
    }
    node.send("ping", static_cast<domain::Seq>(i), 300);
  }
  EXPECT_TRUE(eventually([&] { return trips.answered == count; }));
  const double events = count;
  std::printf("%6d/s: one way p50 %.0f us, p99 %.0f us; CPU per event and its answer: %.1f us here, %.1f us there\n",
              rate, trips.percentile(0.5) / 2, trips.percentile(0.99) / 2, (own_cpu_us() - own) / events,
              (cpu_us_of(child.pid()) - other) / events);
  node.on_frame({});
  return trips.percentile(0.5) / 2;
}

/// DANWA_FIGURES=1 prints what the bus costs between two processes (build without sanitizers).
TEST(ClusterFigures, AnEventReachesAPeerWithinMilliseconds) {
  TestNode one{"node-1"};
  const ChildNode two{"node-2", one.address()};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2"); }, std::chrono::seconds{20}));
  EXPECT_LT(measure(one, two, 250, 250), 20'000);  // 1,000/s is all that two sanitized nodes can do
  if (std::getenv("DANWA_FIGURES") == nullptr) return;
  for (const int rate : {100, 1'000, 5'000, 20'000}) measure(one, two, rate, std::min(2 * rate, 40'000));
}

}  // namespace
}  // namespace danwa::caf
