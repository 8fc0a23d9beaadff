#pragma once

#include "infra/caf/cluster/link_stream.hpp"

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "infra/caf/cluster/address.hpp"
#include "infra/caf/cluster/handshake.hpp"

namespace danwa::infra {

/// One dial: resolves, connects, gives up after 1 s. Runs on: the cluster's io thread.
class LinkDialler : public std::enable_shared_from_this<LinkDialler> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnEnd = std::function<void(std::optional<Socket> socket, Refusal refusal)>;

  /// `loopback_only`: refuses an address that turns out to be elsewhere.
  LinkDialler(boost::asio::io_context& io, bool loopback_only);

  void start(const Address& address, OnEnd on_end);
  void abort();

 private:
  using Resolved = boost::asio::ip::tcp::resolver::results_type;

  void connect(const Resolved& endpoints);
  void end(std::optional<Socket> socket, Refusal refusal);

  bool loopback_only_;
  boost::asio::ip::tcp::resolver resolver_;
  Socket socket_;
  boost::asio::steady_timer deadline_;
  OnEnd on_end_;
};

}  // namespace danwa::infra
