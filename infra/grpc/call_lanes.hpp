#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace danwa::infra {

/// One io_context per thread, on which the use cases, deliveries and timers of calls run; a call stays on its own.
class CallLanes {
 public:
  /// `threads` = 0: one per core.
  explicit CallLanes(std::size_t threads);
  ~CallLanes();  // stops
  CallLanes(const CallLanes&) = delete;
  CallLanes& operator=(const CallLanes&) = delete;

  /// The next one in turn. Thread safe.
  boost::asio::io_context& next();

  void start();

  /// Ends the threads; handlers that have not run are destroyed with this.
  void stop();

 private:
  struct Lane {
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    std::thread thread{};
  };
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace danwa::infra
