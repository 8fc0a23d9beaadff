#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "infra/caf/peer_connection_worker.hpp"

// The sockets of the cluster until CAF takes them: a listener accepts, a dialler connects, a session runs the handshake
// on either kind of connection, and a log notes the rejected ones. All run on the cluster thread, with Asio. A session
// and each step of a dial have a deadline. Both report exactly once: they take the callback out before they call it,
// and later handlers find none.

namespace danwa::caf {
namespace {

bool is_normal(RefusalReason reason) {
  return reason == RefusalReason::self || reason == RefusalReason::duplicate || reason == RefusalReason::stale ||
         reason == RefusalReason::unreachable;
}

}  // namespace

void PeerRejectLog::note(const Refusal& refusal, const std::string& remote, const std::string& peer) {
  using Fields = std::vector<adapters::LogField>;
  Fields fields{{"reason", to_string(refusal.reason)}, {"detail", refusal.detail}, {"remote", remote}};
  if (!peer.empty()) fields.emplace_back("peer", peer);
  if (is_normal(refusal.reason)) return logger_.debug("cluster.not-linked", std::move(fields));
  metrics_.cluster_refused.add();
  const auto now = Clock::now();
  auto& silence = silences_[refusal.reason];
  if (now < silence.until) {
    ++silence.left_out;
    return;
  }
  if (silence.left_out > 0) fields.emplace_back("leftOut", silence.left_out);
  silence = {now + std::chrono::seconds{1}, 0};
  logger_.warn("cluster.refused", std::move(fields));
}

// PeerSession: the I/O around the pure state machine of handshake.hpp. It reads a head, reads its body, feeds the
// handshake, writes its answer, and repeats. One deadline covers the whole session, so a silent stranger costs a socket
// for 1.5 s. Handlers keep the session alive. `end` is the only way out, and calls `on_end` once.

namespace {

using boost::system::error_code;

constexpr std::chrono::milliseconds kHandshakeDeadline{1'500};  // for the whole session, TLS included

Refusal refusal_of(const error_code& error) {
  const bool hung_up = error == boost::asio::error::eof || error == boost::asio::error::connection_reset;
  return {RefusalReason::closed, hung_up ? "the peer closed the connection during the handshake" : error.message()};
}

}  // namespace

struct PeerSession::State {
  State(boost::asio::io_context& io_context, std::shared_ptr<PeerConnection> link_stream, Handshake shake,
        std::string from)
      : io{io_context},
        stream{std::move(link_stream)},
        handshake{std::move(shake)},
        remote{std::move(from)},
        deadline{io_context} {}

  boost::asio::io_context& io;
  std::shared_ptr<PeerConnection> stream;
  Handshake handshake;
  std::string remote;
  boost::asio::steady_timer deadline;
  OnPeer on_peer;
  OnEnd on_end;  // empty after its one call
  PeerHeadBytes head{};
  std::string body;
};

PeerSession::PeerSession(boost::asio::io_context& io, std::shared_ptr<PeerConnection> stream, Handshake handshake,
                         std::string remote)
    : state_{std::make_unique<State>(io, std::move(stream), std::move(handshake), std::move(remote))} {}
PeerSession::~PeerSession() = default;

const Handshake& PeerSession::handshake() const { return state_->handshake; }
const std::string& PeerSession::remote() const { return state_->remote; }
PeerConnection& PeerSession::stream() { return *state_->stream; }

void PeerSession::start(OnPeer on_peer, OnEnd on_end) {
  state_->on_peer = std::move(on_peer);
  state_->on_end = std::move(on_end);
  state_->deadline.expires_after(kHandshakeDeadline);
  state_->deadline.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->end(Refusal{RefusalReason::timeout, "the handshake took too long"});
  });
  boost::asio::post(state_->io, [self = shared_from_this()] {
    self->state_->stream->start([self](const error_code& error) {
      if (error) return self->end(Refusal{RefusalReason::tls, error.message()});
      self->take(self->state_->handshake.start());
    });
  });
}

void PeerSession::end(std::optional<Refusal> refusal) {
  if (!state_->on_end) return;
  const auto self = shared_from_this();
  const auto on_end = std::exchange(state_->on_end, nullptr);
  state_->on_peer = nullptr;
  state_->deadline.cancel();
  if (refusal) state_->stream->close();
  on_end(*this, std::move(refusal));
}

void PeerSession::read_head() {
  state_->stream->read(state_->head.data(), state_->head.size(), [self = shared_from_this()](const error_code& error) {
    if (error) return self->end(refusal_of(error));
    const auto head = PeerHead::parse(self->state_->head);
    if (!head) return self->end(Refusal{RefusalReason::malformed, "not a message of the cluster's protocol"});
    self->read_body(*head);
  });
}

void PeerSession::read_body(PeerHead head) {
  auto& body = state_->body;
  body.resize(head.size);
  state_->stream->read(body.data(), body.size(), [self = shared_from_this(), head](const error_code& error) {
    if (error) return self->end(refusal_of(error));
    self->take(self->state_->handshake.on_message(head.type, self->state_->body));
  });
}

void PeerSession::take(Handshake::Step step) {
  if (!state_->on_end) return;
  if (state_->on_peer && state_->handshake.peer_proved()) {
    std::exchange(state_->on_peer, nullptr)(state_->handshake.peer());
  }
  auto go_on = [self = shared_from_this(), done = step.done, refused = step.refused](const error_code& error) {
    if (refused) return self->end(refused);
    if (error) return self->end(refusal_of(error));
    if (done) return self->end(std::nullopt);
    self->read_head();
  };
  if (step.send.empty()) return go_on({});
  state_->stream->write(std::move(step.send), std::move(go_on));
}

// PeerDialler: CAF's own dial blocks its middleman: with one black-holed peer, no other peer was dialled within 25 s.
// This dial is asynchronous, and every step has its own second, so one dead address of a name delays the next one by a
// second only. A late attempt is abandoned: `tried_` numbers the attempts, and the handler of an older attempt does
// nothing.

namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kDeadline{1};  // for the name, and for each address
constexpr const char* kLate = "no answer within a second";

Refusal unreachable(std::string detail) { return {RefusalReason::unreachable, std::move(detail)}; }

}  // namespace

PeerDialler::PeerDialler(boost::asio::io_context& io, bool loopback_only, std::size_t first)
    : loopback_only_{loopback_only}, first_{first}, resolver_{io}, socket_{io}, deadline_{io} {}

void PeerDialler::start(const Address& address, OnEnd on_end) {
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

void PeerDialler::abort() { end(std::nullopt, unreachable("the node stops")); }

void PeerDialler::connect(std::vector<Endpoint> endpoints) {
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

void PeerDialler::try_next() {
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

void PeerDialler::start_deadline() {
  deadline_.expires_after(kDeadline);
  deadline_.async_wait([self = shared_from_this(), attempt = tried_](const error_code& error) {
    if (!error && self->tried_ == attempt) self->on_late();
  });
}

void PeerDialler::on_late() {
  if (endpoints_.empty()) return end(std::nullopt, unreachable(kLate));
  failure_ = kLate;
  try_next();
}

void PeerDialler::end(std::optional<Socket> socket, Refusal refusal) {
  if (!on_end_) return;
  const auto on_end = std::exchange(on_end_, nullptr);
  deadline_.cancel();
  resolver_.cancel();
  error_code ignored;
  if (!socket) socket_.close(ignored);
  on_end(std::move(socket), std::move(refusal));
}

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kPause{100};  // after a failed accept, which may fail again at once

}  // namespace

PeerListener::PeerListener(boost::asio::io_context& io, const net::ListenPlace& place, adapters::Logger& logger) {
  auto bound = net::listen_on(place, logger);
  bound_ = bound.text();
  for (auto& one : bound.sockets) {
    const auto protocol = one.address.family() == AF_INET6 ? tcp::v6() : tcp::v4();
    tcp::acceptor acceptor{io, protocol, one.socket.release()};
    acceptors_.push_back(std::make_unique<Acceptor>(Acceptor{std::move(acceptor), boost::asio::steady_timer{io}}));
  }
}

void PeerListener::start(OnSocket on_socket, OnTrouble on_trouble) {
  on_socket_ = std::move(on_socket);
  on_trouble_ = std::move(on_trouble);
  for (const auto& one : acceptors_) accept(*one);
}

void PeerListener::close() {
  for (const auto& one : acceptors_) {
    error_code ignored;
    one->acceptor.close(ignored);
    one->pause.cancel();
  }
}

void PeerListener::accept(Acceptor& one) {
  one.acceptor.async_accept([self = shared_from_this(), &one](const error_code& error, Socket socket) {
    if (!one.acceptor.is_open()) return;
    if (!error) {
      self->on_socket_(std::move(socket));
      return self->accept(one);
    }
    self->on_trouble_(error.message());
    one.pause.expires_after(kPause);
    one.pause.async_wait([self, &one](const error_code& stopped) {
      if (!stopped && one.acceptor.is_open()) self->accept(one);
    });
  });
}

}  // namespace danwa::caf
