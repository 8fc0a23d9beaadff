#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/beast/io_pool.hpp"
#include "infra/net/listening.hpp"

namespace danwa::infra {

/// Accepts connections on every address of a place and deals them out to the lanes of a pool in turn. Runs on: the
/// pool's first lane.
///
/// Out of file handles it never spins: it takes what waits by a spare descriptor, answers 503, and rests
/// 50 ms; the log gets at most one line a second.
class Listener {
 public:
  /// Called on the lane that the socket belongs to.
  using OnSocket = std::function<void(boost::asio::ip::tcp::socket)>;

  /// Binds and listens. Throws std::runtime_error with one line when it cannot.
  Listener(IoPool& pool, const net::ListenPlace& place, OnSocket on_socket, adapters::Logger& log);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();

  /// "host:port" with the real port; the host is the name where that has several addresses.
  std::string bound_address() const { return bound_address_; }

  /// No connection is accepted any more. Thread safe; while the pool runs.
  void stop();

 private:
  /// One address.
  struct Acceptor {
    Acceptor(IoPool& pool, net::BoundSocket bound);

    std::string address;
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::ip::tcp::socket socket;  // the one to be accepted next
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
  int spare_;                                         // descriptor to give up when there is no other
  std::chrono::steady_clock::time_point reported_{};  // last log line
};

}  // namespace danwa::infra
