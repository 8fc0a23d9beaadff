#pragma once

#include <caf/actor.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/cluster.hpp"
#include "infra/caf/messages.hpp"
#include "infra/caf/peer_connection_service.hpp"
#include "usecase/delivery/bus_envelope.hpp"
#include "usecase/delivery/interest.hpp"
#include "usecase/delivery/peer_bus.hpp"

namespace danwa::caf {

// Between nodes: atoms, numbers and strings only. So no type needs a registration, and a node of another release can
// read them. Each begins with the id of the peer connection, which both sides compute in the handshake.
using BusHello =
    ::caf::atom_constant<::caf::atom("busHello")>;  ///< u64 link: the sender is the bus of the dialling node
using BusBatch = ::caf::atom_constant<::caf::atom("busBatch")>;  ///< u64 link, u64 number, string envelopes
using BusAck = ::caf::atom_constant<::caf::atom("busAck")>;      ///< u64 link, u64 number: all batches up to it arrived
using BusGossip = ::caf::atom_constant<::caf::atom("busGossip")>;  ///< u64 link, string addresses
using BusBye = ::caf::atom_constant<::caf::atom("busBye")>;  ///< u64 link: the sender leaves; the answer is the link

using BusPresence = ::caf::atom_constant<::caf::atom("busPrsnc")>;   ///< u64 link, string message
using BusInterest = ::caf::atom_constant<::caf::atom("busIntrst")>;  ///< u64 link, string: see OwnInterest

// Inside a node.
using BusFlush = ::caf::atom_constant<::caf::atom("busFlush")>;
using LinkBegin = ::caf::atom_constant<::caf::atom("linkBegin")>;  ///< the bus now expects the peer of this connection
struct ExpectPeer {
  std::uint64_t link;
  ::caf::actor watcher;  ///< the actor of the peer connection
};
struct PeerReady {
  std::uint64_t link;
  ::caf::actor remote;  ///< the peer's bus
};
struct PeerGone {
  std::uint64_t link;
};
struct SayGoodbye {};  ///< the answer is true, once every peer has answered or its time is over
struct TellPeers {
  std::string addresses;
};
struct TellPresence {
  std::string message;
  std::optional<std::uint64_t> link;  ///< none: to every peer
};
struct InterestChanged {};  ///< the interest of the node has news

}  // namespace danwa::caf

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::ExpectPeer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::PeerReady)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::PeerGone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::SayGoodbye)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::TellPeers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::TellPresence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::InterestChanged)

namespace danwa::caf {

/// The channels that this node watches, between the routers, which tell them, and the bus actor, which tells the peers.
/// Watchers come and go often, so the actor is woken once for all changes until it takes them, and not at all while the
/// node has no peer. Thread safe; a mutex is held for one change.
class InterestInbox {
 public:
  /// True: the caller sends InterestChanged to the bus.
  bool note(std::string channel, bool watched) {
    const std::lock_guard lock{mutex_};
    watched ? interest_.watched(std::move(channel)) : interest_.unwatched(channel);
    if (!linked_) interest_.forget_news();  // whoever connects hears everything
    return interest_.has_news() && !std::exchange(told_, true);
  }

  /// Whether there are peers. Call it before the bus hears of the first one.
  void set_linked(bool linked) {
    const std::lock_guard lock{mutex_};
    linked_ = linked;
  }

  /// Messages to every peer, and to a new one. Called by the bus actor.
  std::vector<std::string> take_news() {
    const std::lock_guard lock{mutex_};
    told_ = false;
    return interest_.take_news();
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock{mutex_};
    return interest_.all();
  }

 private:
  mutable std::mutex mutex_;
  delivery::OwnInterest interest_;
  bool linked_ = false;
  bool told_ = false;
};

struct BusNeeds {
  delivery::BusListener& listener;
  adapters::Logger& logger;
  adapters::Metrics& metrics;
  std::weak_ptr<PeerEvents> events;
  delivery::LogSource log;
  std::shared_ptr<InterestInbox> interest;
};

class BusState;
using BusActor = ::caf::stateful_actor<BusState>;

/// The node's event bus. It queues a local event in the relay of each peer that watches its channel, and passes the
/// events of peers to the routers. The first event after half a millisecond of silence leaves at once. Later ones leave
/// together, at most a millisecond after it. Memory per peer is bounded by delivery::RelayQueue. Owned by: the bus
/// actor.
class BusState {
 public:
  using Clock = std::chrono::steady_clock;

  explicit BusState(BusActor* self) : self_{self} {}
  void prepare(const BusNeeds& needs) { needs_ = std::make_unique<BusNeeds>(needs); }

  void broadcast(const delivery::FramePtr& frame);
  void flush();
  void plan_flush(Clock::duration after);
  void expect(std::uint64_t link, const ::caf::actor& watcher);
  void link_ready(std::uint64_t link, const ::caf::actor& remote);
  void link_gone(std::uint64_t link) { relays_.erase(link); }
  void tell_peers(const std::string& addresses);
  void tell_presence(const TellPresence& told);
  ::caf::typed_response_promise<bool> say_goodbye();

  void on_hello(std::uint64_t link);
  void on_batch(std::uint64_t link, std::uint64_t number, const std::string& bytes);
  void on_ack(std::uint64_t link, std::uint64_t number);
  std::uint64_t on_bye(std::uint64_t link);
  void on_gossip(std::uint64_t link, const std::string& addresses);
  void on_presence(std::uint64_t link, const std::string& message);
  void on_interest(std::uint64_t link, const std::string& message);
  void on_unexpected() { needs_->metrics.bus_unexpected.add(); }

 private:
  struct Relay {
    ::caf::actor watcher;
    ::caf::actor remote;  ///< the peer's bus; null until the connection is ready
    delivery::RelayQueue queue;
    delivery::PeerInterest interest;
    std::uint64_t dropped = 0;              ///< drops of the queue that the metrics already contain
    std::size_t unacknowledged_events = 0;  ///< received from the peer
    std::size_t unacknowledged_bytes = 0;
    bool version_told = false;  ///< the log already says that the peer sends envelopes of another version
  };

  Relay* live(std::uint64_t link);
  delivery::BusEventPtr to_event(const delivery::Frame& frame) const;
  void open(std::uint64_t link, Relay& relay, const ::caf::actor& remote);
  void send_batches(std::uint64_t link, Relay& relay);
  void tell_interest();
  void say_goodbye(std::uint64_t link, const Relay& relay, std::function<void()> heard);
  void flush_all();
  std::size_t deliver(Relay& relay, const std::string& bytes);
  void take(const delivery::Envelope& envelope, const std::string& database,
            std::vector<delivery::LoggedUpdate>& updates);
  void refuse_version(Relay& relay, std::uint16_t version);
  void check_log(const delivery::CheckLog& mark);

  BusActor* self_;
  std::unique_ptr<BusNeeds> needs_;
  std::map<std::uint64_t, Relay> relays_;
  delivery::RecentlySkipped skipped_;
  Clock::time_point flushed_{};
  bool flush_planned_ = false;
  bool leaving_ = false;  // a peer that connects from here on gets the goodbye at once
};
static_assert(!std::is_aggregate_v<BusState>);

::caf::behavior bus_behavior(BusActor* self, const BusNeeds& needs);

}  // namespace danwa::caf
