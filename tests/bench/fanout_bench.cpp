// CPU per local delivery: one conversation, many watchers that are always ready, real actors and threads.
// What a transport does with a batch is left out.
#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

#include "infra/caf/caf_node.hpp"
#include "support/comments.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/quiet_logger.hpp"
#include "support/wait_for.hpp"

namespace {

using namespace danwa;

/// Takes a batch and is ready again at once.
class ReadyTransport final : public delivery::Watcher {
 public:
  void deliver(delivery::FrameBatch frames) override {
    taken.fetch_add(frames.size(), std::memory_order_relaxed);
    subscription->ready();
  }
  void end(delivery::WatchCloseReason) override {}

  std::unique_ptr<delivery::Subscription> subscription;
  static inline std::atomic<std::size_t> taken{0};
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Fanout {
  explicit Fanout(std::size_t watchers) : node{{.name = "bench"}, threads, updates, logger, metrics} {
    for (std::size_t i = 0; i < watchers; ++i) {
      transports.push_back(std::make_shared<ReadyTransport>());
      transports.back()->subscription = node.feed().watch(usecase::Watch::of(channel, std::nullopt), transports.back());
      transports.back()->subscription->ready();
    }
    tests::wait_for([&] { return ReadyTransport::taken.load() >= watchers; });
    ReadyTransport::taken = 0;
  }
  ~Fanout() {
    for (auto& transport : transports) transport->subscription.reset();
    node.stop();
  }

  domain::DomainEvent next() {
    auto made = tests::comment(++seq, std::string(100, 'x'));
    made.seq = seq;
    return domain::CommentSent{made};
  }

  domain::ChannelKey channel = domain::ChannelKey::conversation(tests::company(), tests::conversation());
  tests::InMemoryLog log;
  tests::InMemoryUpdateLog updates{log};
  tests::QuietLogger logger;
  adapters::Metrics metrics;
  net::IoThreads threads{2};
  caf::CafNode node;
  std::vector<std::shared_ptr<ReadyTransport>> transports;
  domain::Seq seq = 0;
};

/// range(0): watchers; range(1): updates published together before all must have arrived.
void fan_out(benchmark::State& state) {
  const auto watchers = static_cast<std::size_t>(state.range(0)), burst = static_cast<std::size_t>(state.range(1));
  ReadyTransport::taken = 0;
  Fanout fanout{watchers};
  std::size_t wanted = 0;
  const double before = cpu_seconds();
  for (auto _ : state) {
    for (std::size_t i = 0; i < burst; ++i) fanout.node.events().publish(fanout.next(), fanout.log.epoch);
    wanted += watchers * burst;
    while (ReadyTransport::taken.load(std::memory_order_relaxed) < wanted) {
      std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
  }
  state.counters["cpu_us_per_delivery"] = (cpu_seconds() - before) * 1e6 / static_cast<double>(wanted);
  state.counters["behind"] = static_cast<double>(fanout.metrics.log_pages_read.value());
}
BENCHMARK(fan_out)
    ->Args({1000, 1})
    ->Args({1000, 8})
    ->Args({1000, 16})
    ->Args({10, 1})
    ->Unit(benchmark::kMillisecond)
    ->MinTime(2.0);

}  // namespace

BENCHMARK_MAIN();
