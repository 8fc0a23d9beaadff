#pragma once

#include <memory>
#include <string>

#include "infra/caf/cluster/basp_injection.hpp"
#include "infra/caf/cluster/bus_messages.hpp"
#include "infra/caf/cluster/link_events.hpp"

namespace danwa::infra {

struct LinkStart {
  LinkRole role;
  std::uint64_t link;
  BaspInjection::ConnectionPtr connection;
  caf::actor bus;  ///< of this node
  std::shared_ptr<const BaspInjection> injection;
  std::weak_ptr<LinkEvents> events;
};

class LinkState;
using LinkActor = caf::stateful_actor<LinkState>;

/// Watches one peer connection from CAF's first byte to its end. It connects the two buses, monitors the peer's bus,
/// reports `link_up` and `link_lost`, then quits. It never dials again; Membership plans the next dial. Owned by: the
/// link actor.
class LinkState {
 public:
  explicit LinkState(LinkActor* self) : self_{self} {}

  void prepare(const LinkStart& start) { start_ = std::make_unique<LinkStart>(start); }
  void bring_up();
  void on_ready(const caf::actor& remote);  ///< accepting side: the hello of the peer's bus arrived
  void on_down(const caf::down_msg& down);

 private:
  void watch(const caf::actor& remote);
  void lose(std::string reason);

  LinkActor* self_;
  std::unique_ptr<LinkStart> start_;
};
static_assert(!std::is_aggregate_v<LinkState>);

caf::behavior link_behavior(LinkActor* self, const LinkStart& start);

}  // namespace danwa::infra
