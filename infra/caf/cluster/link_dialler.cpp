#include "infra/caf/cluster/link_dialler.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <vector>

namespace danwa::infra {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kDeadline{1};

Refusal unreachable(std::string detail) { return {RefusalReason::unreachable, std::move(detail)}; }

}  // namespace

LinkDialler::LinkDialler(boost::asio::io_context& io, bool loopback_only)
    : loopback_only_{loopback_only}, resolver_{io}, socket_{io}, deadline_{io} {}

void LinkDialler::start(const Address& address, OnEnd on_end) {
  on_end_ = std::move(on_end);
  deadline_.expires_after(kDeadline);
  deadline_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->end(std::nullopt, unreachable("no answer within a second"));
  });
  const auto port = std::to_string(address.port);
  if (address.is_ip()) {
    const tcp::endpoint endpoint{boost::asio::ip::make_address(address.host), address.port};
    return connect(Resolved::create(endpoint, address.host, port));
  }
  auto on_resolved = [self = shared_from_this()](const error_code& error, const Resolved& endpoints) {
    if (error) return self->end(std::nullopt, unreachable(error.message()));
    self->connect(endpoints);
  };
  resolver_.async_resolve(address.host, port, std::move(on_resolved));
}

void LinkDialler::abort() { end(std::nullopt, unreachable("the node stops")); }

void LinkDialler::connect(const Resolved& endpoints) {
  if (!on_end_) return;
  const auto is_local = [](const auto& entry) { return entry.endpoint().address().is_loopback(); };
  if (loopback_only_ && !std::all_of(endpoints.begin(), endpoints.end(), is_local)) {
    return end(std::nullopt, {RefusalReason::plain_network,
                              "off loopback a link needs cluster.tls, or "
                              "cluster.plain_network = true and a secret"});
  }
  auto on_connected = [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
    if (error) return self->end(std::nullopt, unreachable(error.message()));
    self->end(std::move(self->socket_), {});
  };
  boost::asio::async_connect(socket_, endpoints, std::move(on_connected));
}

void LinkDialler::end(std::optional<Socket> socket, Refusal refusal) {
  if (!on_end_) return;
  const auto on_end = std::exchange(on_end_, nullptr);
  deadline_.cancel();
  resolver_.cancel();
  error_code ignored;
  if (!socket) socket_.close(ignored);
  on_end(std::move(socket), std::move(refusal));
}

}  // namespace danwa::infra
