#include "infra/caf/cluster/link_dialler.hpp"

#include <algorithm>

namespace danwa::infra {

// CAF's own dial blocks its middleman: with one black-holed peer, no other peer was dialled within 25 s. This dial is
// asynchronous, and every step has its own second, so one dead address of a name delays the next one by a second only.
// A late attempt is abandoned: `tried_` numbers the attempts, and the handler of an older attempt does nothing.

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kDeadline{1};
constexpr const char* kLate = "no answer within a second";

Refusal unreachable(std::string detail) { return {RefusalReason::unreachable, std::move(detail)}; }

}  // namespace

LinkDialler::LinkDialler(boost::asio::io_context& io, bool loopback_only, std::size_t first)
    : loopback_only_{loopback_only}, first_{first}, resolver_{io}, socket_{io}, deadline_{io} {}

void LinkDialler::start(const Address& address, OnEnd on_end) {
  on_end_ = std::move(on_end);
  if (address.is_ip()) return connect({Endpoint{boost::asio::ip::make_address(address.host), address.port}});
  start_deadline();
  auto on_resolved = [self = shared_from_this()](const error_code& error, const tcp::resolver::results_type& found) {
    if (error) return self->end(std::nullopt, unreachable(error.message()));
    std::vector<Endpoint> endpoints;
    for (const auto& entry : found) {
      const bool is_new = std::find(endpoints.begin(), endpoints.end(), entry.endpoint()) == endpoints.end();
      if (is_new) endpoints.push_back(entry.endpoint());
    }
    self->connect(std::move(endpoints));
  };
  resolver_.async_resolve(address.host, std::to_string(address.port), std::move(on_resolved));
}

void LinkDialler::abort() { end(std::nullopt, unreachable("the node stops")); }

void LinkDialler::connect(std::vector<Endpoint> endpoints) {
  if (!on_end_) return;
  const auto is_local = [](const Endpoint& endpoint) { return endpoint.address().is_loopback(); };
  if (loopback_only_ && !std::all_of(endpoints.begin(), endpoints.end(), is_local)) {
    return end(std::nullopt, {RefusalReason::plain_network,
                              "off loopback a link needs cluster.tls, or "
                              "cluster.plain_network = true and a secret"});
  }
  endpoints_ = std::move(endpoints);
  const auto first = endpoints_.empty() ? 0 : first_ % endpoints_.size();
  std::rotate(endpoints_.begin(), endpoints_.begin() + static_cast<std::ptrdiff_t>(first), endpoints_.end());
  try_next();
}

void LinkDialler::try_next() {
  if (!on_end_) return;
  if (tried_ == endpoints_.size()) return end(std::nullopt, unreachable(failure_));
  const auto attempt = ++tried_;
  start_deadline();
  error_code ignored;
  socket_.close(ignored);
  socket_.async_connect(endpoints_[attempt - 1], [self = shared_from_this(), attempt](const error_code& error) {
    if (self->tried_ != attempt || !self->on_end_) return;  // its deadline was over
    if (!error) return self->end(std::move(self->socket_), {});
    self->failure_ = error.message();
    self->try_next();
  });
}

void LinkDialler::start_deadline() {
  deadline_.expires_after(kDeadline);
  deadline_.async_wait([self = shared_from_this(), attempt = tried_](const error_code& error) {
    if (!error && self->tried_ == attempt) self->on_late();
  });
}

void LinkDialler::on_late() {
  if (endpoints_.empty()) return end(std::nullopt, unreachable(kLate));
  failure_ = kLate;
  try_next();
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
