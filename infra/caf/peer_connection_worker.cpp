#include "infra/caf/peer_connection_worker.hpp"

#include <algorithm>

namespace danwa::caf {

// The life of a peer connection. A connection comes from the listener or from a dial and becomes a PeerSession, which
// runs the handshake. Both sides judge it (`judge`). If both accept, `adopt` takes the descriptor from Asio and passes
// it to CAF; the connection is now in `links_` and must be up within 2 s. CAF's side reports `link_up` or `link_lost`.
// `lose` is the only way out of `links_`: it cuts the socket, ends CAF's actor and plans the next dial.
//
// Membership decides everything that needs no socket: which address to dial and when, and which of two connections
// stays. This class carries its decisions out. All of it runs on one thread; only the list of members is copied out
// under a mutex. After `stop` the handlers of aborted sessions still run, so each checks `owner_` first.

namespace {

using boost::system::error_code;
using Clock = Membership::Clock;

constexpr std::size_t kMaxHandshakes = 64;    // of accepted connections; each has 1.5 s
constexpr std::chrono::seconds kUpWithin{2};  // from `adopt` to the first message of the peer's bus

std::unique_ptr<PeerConnections> make_streams(const ClusterOptions& options) {
  return options.tls ? tls_streams(*options.tls) : plain_streams();
}

Hello make_hello(const ClusterOptions& options, const std::string& bound) {
  Hello hello;
  hello.name = options.name;
  hello.incarnation = random_incarnation();
  hello.advertise = options.advertise.empty() ? bound : options.advertise;
  hello.http_advertise = options.http_advertise;
  return hello;
}

net::ListenPlace listen_place(const ClusterOptions& options) {
  const bool may_leave_loopback = options.tls || options.plain_network;
  return {.setting = "cluster.listen",
          .address = options.listen,
          .loopback_only = !may_leave_loopback,
          .backlog = boost::asio::socket_base::max_listen_connections};
}

std::string remote_of(const PeerListener::Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? "?" : Address{endpoint.address().to_string(), endpoint.port()}.to_string();
}

}  // namespace

PeerConnectionWorker::PeerConnectionWorker(boost::asio::io_context& io, ClusterOptions options,
                                           adapters::Logger& logger, adapters::Metrics& metrics)
    : io_{io},
      options_{std::move(options)},
      logger_{logger},
      metrics_{metrics},
      streams_{make_streams(options_)},
      listener_{std::make_shared<PeerListener>(io, listen_place(options_), logger)},
      bound_{listener_->bound()},
      own_{make_hello(options_, bound_)},
      membership_{{own_.name, own_.incarnation, own_.advertise}, options_.seeds, own_.incarnation},
      refusals_{logger, metrics},
      dial_timer_{io} {}

void PeerConnectionWorker::start(PeerOwner& owner) {
  owner_ = &owner;
  auto on_trouble = [this](const std::string& what) {
    refusals_.note({RefusalReason::closed, "cannot accept: " + what}, bound_, {});
  };
  listener_->start([this](PeerListener::Socket socket) { on_socket(std::move(socket)); }, std::move(on_trouble));
  logger_.info("cluster.listening", {{"address", bound_},
                                     {"advertise", own_.advertise},
                                     {"incarnation", std::to_string(own_.incarnation)},
                                     {"tls", options_.tls.has_value()}});
  dial_due();
}

void PeerConnectionWorker::leave() {
  leaving_ = true;
  listener_->close();
  dial_timer_.cancel();
}

void PeerConnectionWorker::stop() {
  owner_ = nullptr;
  listener_->close();
  dial_timer_.cancel();
  const Refusal stopping{RefusalReason::closed, "the node stops"};
  for (const auto& session : std::exchange(accepted_, {})) session->abort(stopping);
  for (const auto& session : std::exchange(dialled_, {})) session->abort(stopping);
  for (const auto& dialler : std::exchange(diallers_, {})) dialler->abort();
  for (auto& [id, link] : links_) link.cut();
  links_.clear();
  metrics_.cluster_peers.set(0);
}

void PeerConnectionWorker::on_socket(PeerListener::Socket socket) {
  if (owner_ == nullptr) return;
  set_link_options(socket);
  const auto remote = remote_of(socket);
  accepted_.push_back(std::make_shared<PeerSession>(io_, streams_->accepted(std::move(socket)),
                                                    handshake_as(PeerRole::acceptor), remote));
  run(SessionPtr{accepted_.back()}, {});
  if (accepted_.size() <= kMaxHandshakes) return;
  const SessionPtr oldest = accepted_.front();
  oldest->abort({RefusalReason::timeout, "too many connections in a handshake"});
}

Handshake PeerConnectionWorker::handshake_as(PeerRole role) {
  auto asked = [this](const Handshake& self, std::optional<Verdict> theirs) { return judge(self, theirs); };
  own_.log = delivery::log_now(options_.log);
  return Handshake{role, own_, options_.secret, std::move(asked)};
}

void PeerConnectionWorker::dial_due() {
  if (owner_ == nullptr || leaving_) return;
  if (membership_.forget_lost(Clock::now())) publish_members();
  for (const auto& address : membership_.take_due(Clock::now())) dial(address);
  plan_dials();
}

void PeerConnectionWorker::plan_dials() {
  const auto next = membership_.next_due();
  if (!next || owner_ == nullptr || leaving_) return;
  dial_timer_.expires_at(*next);
  dial_timer_.async_wait([this](const error_code& error) {
    if (!error) dial_due();
  });
}

void PeerConnectionWorker::dial(const std::string& address) {
  const bool may_leave_loopback = options_.tls || (options_.plain_network && !options_.secret.empty());
  auto dialler = std::make_shared<PeerDialler>(io_, !may_leave_loopback, names_[address].own);
  diallers_.insert(dialler);
  auto on_end = [this, address, dialler](std::optional<PeerDialler::Socket> socket, const Refusal& refusal) {
    diallers_.erase(dialler);
    names_[address].addresses = dialler->addresses();
    if (socket && owner_ != nullptr) return on_dialled(address, std::move(*socket));
    refusals_.note(refusal, address, {});
    end_dial(address);
  };
  dialler->start(*Address::parse(address), std::move(on_end));
}

void PeerConnectionWorker::on_dialled(const std::string& address, PeerDialler::Socket socket) {
  set_link_options(socket);
  const auto session = std::make_shared<PeerSession>(io_, streams_->dialled(std::move(socket)),
                                                     handshake_as(PeerRole::dialler), address);
  dialled_.insert(session);
  run(session, address);
}

void PeerConnectionWorker::run(const SessionPtr& session, const std::string& dialled) {
  auto on_peer = [this, dialled](const Hello& peer) { membership_.dial_reached(dialled, peer); };
  auto on_end = [this, dialled](PeerSession& ended, std::optional<Refusal> refusal) {
    on_session_end(ended, dialled, refusal);
  };
  session->start(std::move(on_peer), std::move(on_end));
}

void PeerConnectionWorker::on_session_end(PeerSession& session, const std::string& dialled,
                                          const std::optional<Refusal>& refusal) {
  const auto same = [&](const SessionPtr& other) { return other.get() == &session; };
  const auto keep_alive = session.shared_from_this();
  std::erase_if(accepted_, same);
  std::erase_if(dialled_, same);
  if (owner_ == nullptr) return session.stream().close();
  const auto& handshake = session.handshake();
  if (refusal) {
    refusals_.note(*refusal, session.remote(), handshake.peer_known() ? handshake.peer().name : std::string{});
    if (handshake.peer_known()) membership_.link_lost(handshake.link_id(), Clock::now());
    if (handshake.peer_verdict() == Verdict::stale) cut_stale(handshake);
    if (refusal->reason == RefusalReason::self) on_self(dialled);
  } else {
    membership_.heard_of(handshake.heard_of(), Clock::now());
    adopt(session);
  }
  end_dial(dialled);
}

/// The dial has reached this node itself. A name with several addresses, such as one for all nodes of a cluster, may
/// still lead to others, so the next dial tries this node's address last. The name is forgotten after as many such
/// dials as it has addresses.
void PeerConnectionWorker::on_self(const std::string& dialled) {
  const auto found = names_.find(dialled);
  if (found != names_.end() && ++found->second.own < found->second.addresses) return;
  membership_.forget_address(dialled);
  if (found != names_.end()) names_.erase(found);
}

void PeerConnectionWorker::end_dial(const std::string& dialled) {
  if (owner_ == nullptr) return;
  if (!dialled.empty()) membership_.dial_ended(dialled, Clock::now());
  plan_dials();
}

VerdictBody PeerConnectionWorker::judge(const Handshake& handshake, std::optional<Verdict> theirs) {
  VerdictBody ours;
  const Hello& peer = handshake.peer();
  const bool itself = peer.name == own_.name && peer.incarnation == own_.incarnation;
  if (!itself && peer.log != handshake.own().log) return VerdictBody{Verdict::another_database, {}};
  ours.verdict = membership_.judge(handshake.role(), handshake.peer(), theirs, handshake.link_id(), Clock::now());
  if (ours.verdict == Verdict::accept) ours.addresses = membership_.addresses();
  return ours;
}

void PeerConnectionWorker::cut_stale(const Handshake& handshake) {
  const auto link = membership_.live_link(handshake.peer());
  if (link) lose(*link, "the peer has lost this connection");
}

void PeerConnectionWorker::adopt(PeerSession& session) {
  const auto& handshake = session.handshake();
  const auto id = handshake.link_id();
  if (!membership_.holds(id)) return session.stream().close();
  auto released = session.stream().release();
  if (released.fd < 0) {
    membership_.link_lost(id, Clock::now());
    return session.stream().close();
  }
  links_.emplace(id, Link{handshake.role(), handshake.peer(), session.remote(), std::move(released.cut), nullptr});
  arm_deadline(id);
  owner_->adopt(handshake.role(), id, released.fd);
}

void PeerConnectionWorker::arm_deadline(std::uint64_t link) {
  auto timer = std::make_unique<boost::asio::steady_timer>(io_, kUpWithin);
  timer->async_wait([this, link](const error_code& error) {
    if (!error) lose(link, "the peer's bus did not answer");
  });
  links_.at(link).deadline = std::move(timer);
}

void PeerConnectionWorker::link_up(std::uint64_t link) {
  const auto found = links_.find(link);
  if (found == links_.end() || owner_ == nullptr) return;
  found->second.deadline.reset();
  const auto member = membership_.link_up(link, Clock::now());
  if (!member) return lose(link, "another connection has taken its place");
  metrics_.cluster_peers.add();
  logger_.info("cluster.peer-up", {{"peer", member->name},
                                   {"incarnation", std::to_string(member->incarnation)},
                                   {"address", member->advertise},
                                   {"dialled", found->second.role == PeerRole::dialler}});
  owner_->tell_peers(join_addresses(membership_.addresses()));
  publish_members();
}

void PeerConnectionWorker::link_lost(std::uint64_t link, const std::string& reason) {
  if (owner_ != nullptr) lose(link, reason);
}

void PeerConnectionWorker::lose(std::uint64_t link, const std::string& reason) {
  const auto found = links_.find(link);
  if (found == links_.end()) return;
  found->second.cut();
  links_.erase(found);
  owner_->drop(link);
  const bool left = !membership_.is_member(link);
  if (const auto member = membership_.link_lost(link, Clock::now())) {
    metrics_.cluster_peers.sub();
    std::vector<adapters::LogField> fields{
        {"peer", member->name}, {"incarnation", std::to_string(member->incarnation)}, {"reason", reason}};
    if (left) {
      logger_.info("cluster.peer-gone", std::move(fields));
    } else {
      logger_.warn("cluster.peer-down", std::move(fields));
    }
    publish_members();
  }
  plan_dials();
}

void PeerConnectionWorker::peer_left(std::uint64_t link) {
  if (owner_ == nullptr) return;
  const auto member = membership_.said_goodbye(link);
  if (!member) return;
  logger_.info("cluster.peer-left", {{"peer", member->name}, {"incarnation", std::to_string(member->incarnation)}});
  publish_members();
}

void PeerConnectionWorker::heard_of(const std::vector<std::string>& addresses) {
  if (owner_ == nullptr) return;
  membership_.heard_of(addresses, Clock::now());
  plan_dials();
}

std::vector<Member> PeerConnectionWorker::members() const {
  const std::lock_guard lock{members_mutex_};
  return members_;
}

void PeerConnectionWorker::publish_members() {
  auto members = membership_.members();
  const std::lock_guard lock{members_mutex_};
  members_ = std::move(members);
}

}  // namespace danwa::caf
