#pragma once

#include "infra/caf/cluster/link_stream.hpp"

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/net/listening.hpp"

namespace danwa::infra {

/// Accepts connections on every address of a listen place. After a failed accept (the process has no descriptor left)
/// it pauses for 100 ms instead of spinning. Runs on: the cluster's io thread.
class LinkListener : public std::enable_shared_from_this<LinkListener> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnSocket = std::function<void(Socket socket)>;
  using OnTrouble = std::function<void(const std::string& what)>;

  /// Binds and listens. Throws std::runtime_error with one line if an address is taken or none belongs to this host.
  LinkListener(boost::asio::io_context& io, const net::ListenPlace& place, adapters::Logger& logger);

  /// "host:port" with the real port. The host is a name if it has several addresses.
  const std::string& bound() const { return bound_; }
  void start(OnSocket on_socket, OnTrouble on_trouble);
  void close();

 private:
  /// One address.
  struct Acceptor {
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer pause;
  };

  void accept(Acceptor& one);

  std::string bound_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  OnSocket on_socket_;
  OnTrouble on_trouble_;
};

}  // namespace danwa::infra
