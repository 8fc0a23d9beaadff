#include "infra/beast/io_pool.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace danwa::infra {

struct IoPool::Lane {
  boost::asio::io_context context{1};  // run by one thread only
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  std::thread thread;
};

IoPool::IoPool(std::size_t threads) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < threads; ++i) lanes_.push_back(std::make_unique<Lane>());
}

IoPool::~IoPool() { stop(); }

boost::asio::io_context& IoPool::at(std::size_t index) { return lanes_[index]->context; }

boost::asio::io_context& IoPool::next() { return at(turn_.fetch_add(1, std::memory_order_relaxed) % lanes_.size()); }

void IoPool::start() {
  for (auto& lane : lanes_) {
    lane->thread = std::thread{[&context = lane->context]() noexcept { context.run(); }};
  }
}

void IoPool::stop() {
  for (auto& lane : lanes_) lane->context.stop();
  for (auto& lane : lanes_) {
    if (lane->thread.joinable()) lane->thread.join();
  }
}

}  // namespace danwa::infra
