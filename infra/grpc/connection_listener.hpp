#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/net/listening.hpp"

namespace danwa::infra {

/// Accepts the connections of the gRPC endpoint on every address of its listen place. libgrpc's own listener (1.51)
/// never accepts again after one failed accept. This one survives a lack of descriptors: it closes the waiting
/// connections with a spare descriptor, pauses for 50 ms, and logs at most one line a second. Runs on: the thread of
/// `io`.
class ConnectionListener {
 public:
  /// Gets a connected, nonblocking socket and owns it. Called on the thread of `io`.
  using OnSocket = std::function<void(int)>;

  /// Binds and listens. Throws std::runtime_error with one line if it fails.
  ConnectionListener(boost::asio::io_context& io, const net::ListenPlace& place, OnSocket on_socket,
                     adapters::Logger& log);
  ~ConnectionListener();
  ConnectionListener(const ConnectionListener&) = delete;
  ConnectionListener& operator=(const ConnectionListener&) = delete;

  const std::string& bound_address() const { return bound_address_; }  ///< "host:port", with the real port

  void start();  ///< thread safe

  /// After this returns `on_socket` is not called any more. Waits for the thread of `io`, so it must not be called on
  /// it.
  void stop();

 private:
  /// One address.
  struct Acceptor {
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer timer;
  };

  void wait(Acceptor& one);
  void accept_waiting(Acceptor& one);
  void rest(Acceptor& one, int error);
  void shed(Acceptor& one);

  boost::asio::io_context& io_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  OnSocket on_socket_;
  adapters::Logger& log_;
  std::string bound_address_;
  int spare_;                                         // descriptor that is released when no other is free
  std::chrono::steady_clock::time_point reported_{};  // last log line
};

}  // namespace danwa::infra
