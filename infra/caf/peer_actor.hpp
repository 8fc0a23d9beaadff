#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "infra/caf/bus_actor.hpp"
#include "infra/caf/peer_connection_service.hpp"

namespace danwa::caf {

/// Passes connected descriptors to CAF's BASP broker, so that CAF itself neither listens nor dials. Only this class
/// uses the messages that CAF 0.17 exchanges between its own middleman and broker. Its test is
/// tests/infra/caf/cluster/basp_injection_test.cpp. Thread safe.
class BaspInjection {
 public:
  explicit BaspInjection(::caf::actor_system& system);

  /// Owns a descriptor that CAF knows but does not serve yet.
  struct Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;
  ConnectionPtr take(int fd) const;

  /// The accepting side: the peer gets the handle of `published`.
  void accept(const ConnectionPtr& connection, const ::caf::actor& published) const;

  using OnRemote = std::function<void(const ::caf::actor& remote)>;
  using OnError = std::function<void(std::string reason)>;
  /// The dialling side: `on_remote` is called in `self` with the handle that the peer published, or `on_error` if the
  /// connection ends first. There is no time limit: the caller must cut a connection that stays silent.
  void dial(::caf::event_based_actor* self, const ConnectionPtr& connection, OnRemote on_remote,
            OnError on_error) const;

 private:
  ::caf::actor_system& system_;
  ::caf::actor broker_;
};

struct PeerStart {
  PeerRole role;
  std::uint64_t link;
  BaspInjection::ConnectionPtr connection;
  ::caf::actor bus;  ///< of this node
  std::shared_ptr<const BaspInjection> injection;
  std::weak_ptr<PeerEvents> events;
};

class PeerState;
using PeerActor = ::caf::stateful_actor<PeerState>;

/// Watches one peer connection from CAF's first byte to its end. It connects the two buses, monitors the peer's bus,
/// reports `link_up` and `link_lost`, then quits. It never dials again; Membership plans the next dial. Owned by: the
/// link actor.
class PeerState {
 public:
  explicit PeerState(PeerActor* self) : self_{self} {}

  void prepare(const PeerStart& start) { start_ = std::make_unique<PeerStart>(start); }
  void bring_up();
  void on_ready(const ::caf::actor& remote);  ///< accepting side: the hello of the peer's bus arrived
  void on_down(const ::caf::down_msg& down);

 private:
  void watch(const ::caf::actor& remote);
  void lose(std::string reason);

  PeerActor* self_;
  std::unique_ptr<PeerStart> start_;
};
static_assert(!std::is_aggregate_v<PeerState>);

::caf::behavior link_behavior(PeerActor* self, const PeerStart& start);

}  // namespace danwa::caf
