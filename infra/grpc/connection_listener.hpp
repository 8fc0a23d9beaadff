#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "adapters/log/logger.hpp"

namespace danwa::infra {

/// Accepts the connections of the gRPC door. libgrpc's own listener (1.51) takes the first refusal of the kernel for
/// the end and never accepts again; this one outlives a want of file handles: it closes what waits, by a spare
/// descriptor, rests 50 ms, and logs at most one line a second. Runs on: the thread of `io`.
class ConnectionListener {
 public:
  /// Takes a connected socket: nonblocking, and the receiver's from now on. Called on the thread of `io`.
  using OnSocket = std::function<void(int)>;

  /// Binds "host:port" and listens. Throws std::runtime_error with one clear line when it cannot.
  ConnectionListener(boost::asio::io_context& io, const std::string& address, OnSocket on_socket,
                     adapters::Logger& log);
  ~ConnectionListener();
  ConnectionListener(const ConnectionListener&) = delete;
  ConnectionListener& operator=(const ConnectionListener&) = delete;

  const std::string& bound_address() const { return bound_address_; }  ///< "host:port", with the real port

  void start();  ///< thread safe

  /// No socket is handed over any more once this returns. Not from the thread of `io`, which must run.
  void stop();

 private:
  void bind(const std::string& address);
  void wait();
  void accept_waiting();
  void rest(int error);
  void shed();

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  OnSocket on_socket_;
  adapters::Logger& log_;
  std::string bound_address_;
  int spare_;                                         // descriptor to give up when there is no other
  std::chrono::steady_clock::time_point reported_{};  // last log line
};

}  // namespace danwa::infra
