#pragma once

#include "infra/caf/cluster/link_stream.hpp"

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "infra/caf/cluster/address.hpp"

namespace danwa::infra {

/// Accepts connections. When the process is out of descriptors it looks again every 100 ms instead of
/// spinning. Runs on: the cluster's io thread.
class LinkListener : public std::enable_shared_from_this<LinkListener> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnSocket = std::function<void(Socket socket)>;
  using OnTrouble = std::function<void(const std::string& what)>;

  /// Binds. Throws std::runtime_error when the address is taken or none of this host.
  LinkListener(boost::asio::io_context& io, const Address& address);

  Address bound() const;
  void start(OnSocket on_socket, OnTrouble on_trouble);
  void close();

 private:
  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  OnSocket on_socket_;
  OnTrouble on_trouble_;
};

}  // namespace danwa::infra
