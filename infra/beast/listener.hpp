#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "adapters/log/logger.hpp"
#include "infra/beast/io_pool.hpp"

namespace danwa::infra {

/// Accepts connections and deals them out to the lanes of a pool in turn. Runs on: the pool's first lane.
///
/// Out of file handles it never spins: it takes what waits by a spare descriptor, answers 503, and rests
/// 50 ms; the log gets at most one line a second.
class Listener {
 public:
  /// Called on the lane that the socket belongs to.
  using OnSocket = std::function<void(boost::asio::ip::tcp::socket)>;

  /// Binds "host:port" and listens. Throws std::runtime_error when it cannot.
  Listener(IoPool& pool, const std::string& address, OnSocket on_socket, adapters::Logger& log);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();
  std::string bound_address() const { return bound_address_; }

  /// No connection is accepted any more. Thread safe; while the pool runs.
  void stop();

 private:
  void bind(const std::string& address);
  void accept();
  void on_accept(const boost::system::error_code& error);
  void accept_waiting();
  void deal();
  void on_failure(const boost::system::error_code& error);
  void shed();
  void rest();
  void report(const boost::system::error_code& error);

  IoPool& pool_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket socket_;  // the one to be accepted next
  boost::asio::steady_timer timer_;
  OnSocket on_socket_;
  adapters::Logger& log_;
  std::string bound_address_;
  int spare_;                                         // descriptor to give up when there is no other
  std::chrono::steady_clock::time_point reported_{};  // last log line
};

}  // namespace danwa::infra
