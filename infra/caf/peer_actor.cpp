#include "infra/caf/peer_actor.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <atomic>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>
#include <caf/io/scribe.hpp>
#include <set>
#include <utility>

namespace danwa::caf {

// CAF's network layer cannot face a network. One 32-byte packet ends a node, a length field of 4 GiB is believed, its
// own TLS spins on an idle client, and its dial blocks every other dial and the shutdown. So Asio listens, dials and
// authenticates, and CAF gets only descriptors of authenticated peers. The messages below are those that CAF's
// middleman sends to its broker. Debian pins CAF 0.17.6, so they are stable.

namespace {

constexpr std::uint16_t kBusPort = 1;  // not a TCP port: the broker's key of the published actor

/// CAF identifies a connection by its descriptor's number, and may process the end of a connection after the kernel has
/// reused that number for the next one. So numbers are taken in turn from a separate range.
int fresh_number(int fd) {
  static std::atomic<unsigned> turn{0};
  constexpr unsigned kFirst = 512;
  constexpr unsigned kRange = 256;
  const int from = static_cast<int>(kFirst + turn.fetch_add(1) % kRange);
  const int fresh = fcntl(fd, F_DUPFD_CLOEXEC, from);
  if (fresh < 0) return fd;  // the descriptor limit is below the range: keep the number
  ::close(fd);
  return fresh;
}

}  // namespace

struct BaspInjection::Connection {
  ::caf::io::scribe_ptr scribe;
};

BaspInjection::BaspInjection(::caf::actor_system& system)
    : system_{system}, broker_{system.middleman().named_broker<::caf::io::basp_broker>(::caf::atom("BASP"))} {}

BaspInjection::ConnectionPtr BaspInjection::take(int fd) const {
  return std::make_shared<Connection>(Connection{system_.middleman().backend().new_scribe(fresh_number(fd))});
}

void BaspInjection::accept(const ConnectionPtr& connection, const ::caf::actor& published) const {
  ::caf::anon_send(broker_, ::caf::publish_atom::value, std::exchange(connection->scribe, nullptr), kBusPort,
                   ::caf::actor_cast<::caf::strong_actor_ptr>(published), std::set<std::string>{});
}

void BaspInjection::dial(::caf::event_based_actor* self, const ConnectionPtr& connection, OnRemote on_remote,
                         OnError on_error) const {
  // The request has no timeout, because a pending CAF timer delays the end of the actor system. The broker always
  // answers: the caller's deadline cuts a silent connection.
  self->request(broker_, ::caf::infinite, ::caf::connect_atom::value, std::exchange(connection->scribe, nullptr),
                kBusPort)
      .then(
          [on_remote = std::move(on_remote), on_error](const ::caf::node_id&, const ::caf::strong_actor_ptr& remote,
                                                       const std::set<std::string>&) {
            if (!remote) return on_error("the peer has published no bus");
            on_remote(::caf::actor_cast<::caf::actor>(remote));
          },
          [self, on_error](const ::caf::error& error) { on_error(self->system().render(error)); });
}

}  // namespace danwa::caf

#if defined(__SANITIZE_ADDRESS__)
// CAF's broker outlives the actor system in about one of eighteen shutdowns. The likely cause is a heartbeat between
// the end of CAF's broker and the end of its clock: it stays in the broker's mailbox.
extern "C" const char* __lsan_default_suppressions() { return "leak:caf::io::basp_broker\n"; }
#endif

namespace danwa::caf {

// The two sides meet in this order. Dialler: BASP connects and returns the handle of the peer's bus; the actor monitors
// it and gives it to its own bus, which sends `BusHello`. Acceptor: BASP shows the own bus to the peer; `BusHello`
// arrives at the bus, which sends `PeerReady` here. Only direct handles are used, because CAF does not report the death
// of a handle that came through a third node.

void PeerState::bring_up() {
  const auto connection = std::exchange(start_->connection, nullptr);
  if (start_->role == PeerRole::acceptor) return start_->injection->accept(connection, start_->bus);
  auto on_remote = [this](const ::caf::actor& remote) {
    watch(remote);
    self_->send(start_->bus, PeerReady{start_->link, remote});
  };
  auto on_error = [this](std::string reason) { lose(std::move(reason)); };
  start_->injection->dial(self_, connection, std::move(on_remote), std::move(on_error));
}

void PeerState::on_ready(const ::caf::actor& remote) { watch(remote); }

void PeerState::watch(const ::caf::actor& remote) {
  self_->monitor(remote);
  if (const auto events = start_->events.lock()) events->link_up(start_->link);
}

void PeerState::on_down(const ::caf::down_msg& down) { lose(self_->system().render(down.reason)); }

void PeerState::lose(std::string reason) {
  self_->send(start_->bus, PeerGone{start_->link});
  if (const auto events = start_->events.lock()) events->link_lost(start_->link, std::move(reason));
  self_->quit();
}

::caf::behavior link_behavior(PeerActor* self, const PeerStart& start) {
  auto& link = self->state;
  self->set_down_handler([&link](const ::caf::down_msg& down) { link.on_down(down); });
  link.prepare(start);
  return {
      [&link](LinkBegin) { link.bring_up(); },
      [&link](const PeerReady& ready) { link.on_ready(ready.remote); },
  };
}

}  // namespace danwa::caf
