#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/net/listening.hpp"

namespace boost::asio {
class io_context;
}

namespace danwa::beast {

/// One io_context per thread. A connection lives on one of them, which then is its strand: no handler of the connection
/// needs a lock.
class IoPool {
 public:
  /// `threads` = 0: one per core. Threads start with `start`.
  explicit IoPool(std::size_t threads);
  ~IoPool();  // stops
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  std::size_t size() const { return threads_.size(); }
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
  struct Thread;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::atomic<std::size_t> turn_{0};
};

/// Accepts connections on every address of a place and gives them to the io threads of a pool in turn. Runs on: the
/// first io thread of the pool.
///
/// Without free file descriptors it never spins: it takes the waiting connections with a spare descriptor, answers 503,
/// and pauses for 50 ms. The log gets at most one line a second.
class Listener {
 public:
  /// Called on the io thread that the socket belongs to.
  using OnSocket = std::function<void(boost::asio::ip::tcp::socket)>;

  /// Binds and listens. Throws std::runtime_error with one line if it cannot.
  Listener(IoPool& pool, const net::ListenPlace& place, OnSocket on_socket, adapters::Logger& log);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();

  /// "host:port" with the real port. The host is the name if the name has several addresses.
  std::string bound_address() const { return bound_address_; }

  /// Ends accepting. Thread safe; only while the pool runs.
  void stop();

 private:
  /// One address.
  struct Acceptor {
    Acceptor(IoPool& pool, net::BoundSocket bound);

    std::string address;
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::ip::tcp::socket socket;  // receives the next connection
    boost::asio::steady_timer timer;
  };

  void accept(Acceptor& one);
  void on_accept(Acceptor& one, const boost::system::error_code& error);
  void accept_waiting(Acceptor& one);
  void deal(Acceptor& one);
  void on_failure(Acceptor& one, const boost::system::error_code& error);
  void shed(Acceptor& one);
  void rest(Acceptor& one);
  void report(const boost::system::error_code& error);

  IoPool& pool_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  OnSocket on_socket_;
  adapters::Logger& log_;
  std::string bound_address_;
  int spare_;                                         // descriptor to close when no other is free
  std::chrono::steady_clock::time_point reported_{};  // time of the last log line
};

}  // namespace danwa::beast
