#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/net/io_threads.hpp"
#include "infra/net/listening.hpp"

namespace danwa::beast {

/// Accepts connections on every address of a place and gives them to the io threads in turn. Runs on: the first io
/// thread.
///
/// Without free file descriptors it never spins: it takes the waiting connections with a spare descriptor, answers 503,
/// and pauses for 50 ms. The log gets at most one line a second.
class Listener {
 public:
  /// Called on the io thread that the socket belongs to.
  using OnSocket = std::function<void(boost::asio::ip::tcp::socket)>;

  /// Binds and listens. Throws std::runtime_error with one line if it cannot.
  Listener(net::IoThreads& threads, const net::ListenPlace& place, OnSocket on_socket, adapters::Logger& log);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();

  /// "host:port" with the real port. The host is the name if the name has several addresses.
  std::string bound_address() const { return bound_address_; }

  /// Ends accepting. Idempotent. Before the io threads end.
  void stop();

 private:
  /// One address.
  struct Acceptor {
    Acceptor(net::IoThreads& threads, net::BoundSocket bound);

    std::string address;
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::ip::tcp::socket socket;  // receives the next connection
    boost::asio::steady_timer timer;
  };

  using AcceptorPtr = std::shared_ptr<Acceptor>;  // its handlers hold it, too

  void accept(const AcceptorPtr& one);
  void on_accept(const AcceptorPtr& one, const boost::system::error_code& error);
  void accept_waiting(const AcceptorPtr& one);
  void deal(Acceptor& one);
  void on_failure(const AcceptorPtr& one, const boost::system::error_code& error);
  void shed(Acceptor& one);
  void rest(const AcceptorPtr& one);
  void report(const boost::system::error_code& error);

  net::IoThreads& threads_;
  std::vector<AcceptorPtr> acceptors_;  // until `stop`
  OnSocket on_socket_;
  adapters::Logger& log_;
  std::string bound_address_;
  int spare_;                                         // descriptor to close when no other is free
  std::chrono::steady_clock::time_point reported_{};  // time of the last log line
};

}  // namespace danwa::beast
