#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace danwa::infra {

/// One io_context per thread. A connection lives on one of them, which then is its strand: no handler of the connection
/// needs a lock.
class IoPool {
 public:
  /// `threads` = 0: one per core. Threads start with `start`.
  explicit IoPool(std::size_t threads);
  ~IoPool();  // stops
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  std::size_t size() const { return lanes_.size(); }
  boost::asio::io_context& at(std::size_t index);

  /// The io_context of the next thread in turn. Thread safe.
  boost::asio::io_context& next();

  /// Starts the threads. An exception that leaves a handler ends the process: it is a defect, and a pool without this
  /// thread would hold the thread's connections for ever.
  void start();

  /// Ends the threads and waits for them; pending handlers are destroyed with the pool. Must not be called on a thread
  /// of the pool.
  void stop();

 private:
  struct Lane;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace danwa::infra
