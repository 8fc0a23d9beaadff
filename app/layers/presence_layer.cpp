#include "app/layers/presence_layer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>

#include "adapters/json/update_json.hpp"
#include "infra/system/random.hpp"

namespace danwa::app {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t new_incarnation() {
  std::uint64_t number = 0;
  infra::fill_random(std::as_writable_bytes(std::span{&number, 1}));
  return number >> 1;  // 63 bits
}

}  // namespace

PresenceLayer::PresenceLayer(const std::string& node, adapters::Metrics& metrics)
    : hub_{{.self = {node, new_incarnation()}, .figures = metrics, .encoder = adapters::json_frames(), .wake = [this] {
              wake();
            }}} {}

PresenceLayer::~PresenceLayer() { stop(); }

void PresenceLayer::start(adapters::PeerBus* peers, adapters::BusListener& watchers) {
  hub_.connect(peers, watchers);
  thread_ = std::thread{[this] { run(); }};
}

void PresenceLayer::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_one();
}

void PresenceLayer::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const auto due = hub_.step(Clock::now());
    lock.lock();
    changed_.wait_until(lock, std::max(due, Clock::now()), [this] { return woken_ || stopping_; });
  }
}

void PresenceLayer::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  hub_.close();
}

}  // namespace danwa::app
