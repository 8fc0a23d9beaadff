#pragma once

#include "infra/caf/cluster/link_stream.hpp"

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "infra/caf/cluster/address.hpp"
#include "infra/caf/cluster/handshake.hpp"

namespace danwa::infra {

/// One dial: resolves a name and tries its addresses one after another, in the resolver's order (RFC 6724). The lookup
/// and each attempt may take 1 s. Runs on: the cluster's io thread.
class LinkDialler : public std::enable_shared_from_this<LinkDialler> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnEnd = std::function<void(std::optional<Socket> socket, Refusal refusal)>;

  /// `loopback_only`: refuses a name that has an address outside loopback. The first `first` addresses of the name are
  /// tried last.
  LinkDialler(boost::asio::io_context& io, bool loopback_only, std::size_t first);

  void start(const Address& address, OnEnd on_end);
  void abort();

  /// The number of addresses of the name; 0 before it is resolved.
  std::size_t addresses() const { return endpoints_.size(); }

 private:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  void connect(std::vector<Endpoint> endpoints);
  void try_next();
  void start_deadline();
  void on_late();
  void end(std::optional<Socket> socket, Refusal refusal);

  bool loopback_only_;
  std::size_t first_;
  boost::asio::ip::tcp::resolver resolver_;
  Socket socket_;
  boost::asio::steady_timer deadline_;
  std::vector<Endpoint> endpoints_;
  std::size_t tried_ = 0;
  std::string failure_;  // of the last attempt
  OnEnd on_end_;
};

}  // namespace danwa::infra
