#include "infra/grpc/call_lanes.hpp"

#include <algorithm>

namespace danwa::infra {

CallLanes::CallLanes(std::size_t threads) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < threads; ++i) lanes_.push_back(std::make_unique<Lane>());
}

CallLanes::~CallLanes() { stop({}); }

boost::asio::io_context& CallLanes::next() {
  return lanes_[turn_.fetch_add(1, std::memory_order_relaxed) % lanes_.size()]->context;
}

void CallLanes::start() {
  for (auto& lane : lanes_) {
    lane->thread = std::thread{[&context = lane->context]() noexcept { context.run(); }};
  }
}

void CallLanes::stop(std::chrono::steady_clock::time_point deadline) {
  for (auto& lane : lanes_) lane->work.reset();  // its context stops when no handler is left
  const auto busy = [](const auto& lane) { return lane->thread.joinable() && !lane->context.stopped(); };
  while (std::any_of(lanes_.begin(), lanes_.end(), busy) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  for (auto& lane : lanes_) lane->context.stop();
  for (auto& lane : lanes_) {
    if (lane->thread.joinable()) lane->thread.join();
  }
}

}  // namespace danwa::infra
