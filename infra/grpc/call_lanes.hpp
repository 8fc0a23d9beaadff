#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace danwa::infra {

/// The io threads of gRPC calls, one io_context each. The use cases, deliveries and timers of a call all run on the
/// thread that the call got at its start.
class CallLanes {
 public:
  /// `threads` = 0: one per core.
  explicit CallLanes(std::size_t threads);
  ~CallLanes();  // stops at once
  CallLanes(const CallLanes&) = delete;
  CallLanes& operator=(const CallLanes&) = delete;

  /// The next thread in turn. Thread safe.
  boost::asio::io_context& next();

  void start();

  /// Runs the remaining handlers, at most until `deadline`, then ends the threads. Handlers that have not run are
  /// destroyed with this object.
  void stop(std::chrono::steady_clock::time_point deadline);

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
