#include "infra/caf/cluster/basp_injection.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>
#include <caf/io/scribe.hpp>
#include <set>
#include <utility>

namespace danwa::infra {
namespace {

constexpr std::uint16_t kBusPort = 1;  // no port: only the key under which the broker finds what is published

/// CAF names a connection by its descriptor's number and may hear of the end of one after its number was
/// given to the next. So numbers are taken in turn from a range of their own.
int fresh_number(int fd) {
  static std::atomic<unsigned> turn{0};
  constexpr unsigned kFirst = 512;
  constexpr unsigned kRange = 256;
  const int from = static_cast<int>(kFirst + turn.fetch_add(1) % kRange);
  const int fresh = fcntl(fd, F_DUPFD_CLOEXEC, from);
  if (fresh < 0) return fd;  // the process may have only few descriptors: then the number stays
  ::close(fd);
  return fresh;
}

}  // namespace

struct BaspInjection::Connection {
  caf::io::scribe_ptr scribe;
};

BaspInjection::BaspInjection(caf::actor_system& system)
    : system_{system}, broker_{system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"))} {}

BaspInjection::ConnectionPtr BaspInjection::take(int fd) const {
  return std::make_shared<Connection>(Connection{system_.middleman().backend().new_scribe(fresh_number(fd))});
}

void BaspInjection::accept(const ConnectionPtr& connection, const caf::actor& published) const {
  caf::anon_send(broker_, caf::publish_atom::value, std::exchange(connection->scribe, nullptr), kBusPort,
                 caf::actor_cast<caf::strong_actor_ptr>(published), std::set<std::string>{});
}

void BaspInjection::dial(caf::event_based_actor* self, const ConnectionPtr& connection, OnRemote on_remote,
                         OnError on_error) const {
  // The broker answers in the end: the caller's deadline cuts the connection. A time-out of CAF's own would
  // keep the actor system waiting for its timer when the node stops.
  self->request(broker_, caf::infinite, caf::connect_atom::value, std::exchange(connection->scribe, nullptr), kBusPort)
      .then(
          [on_remote = std::move(on_remote), on_error](const caf::node_id&, const caf::strong_actor_ptr& remote,
                                                       const std::set<std::string>&) {
            if (!remote) return on_error("the peer shows no bus");
            on_remote(caf::actor_cast<caf::actor>(remote));
          },
          [self, on_error](const caf::error& error) { on_error(self->system().render(error)); });
}

}  // namespace danwa::infra

#if defined(__SANITIZE_ADDRESS__)
// Seen in about one of eighteen ends of a node: CAF's broker outlives the actor system. Most likely a
// heartbeat that comes when CAF has ended its broker, but not yet its clock, stays in the broker's mailbox.
extern "C" const char* __lsan_default_suppressions() { return "leak:caf::io::basp_broker\n"; }
#endif
