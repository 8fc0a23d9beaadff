#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/update/update.hpp"
#include "usecase/delivery/frame.hpp"

namespace danwa::delivery {

/// Returns the identity of this node's log now. Thread safe; never blocks for long. If empty, envelopes name no
/// database.
using LogSource = std::function<domain::LogIdentity()>;

inline domain::LogIdentity log_now(const LogSource& source) { return source ? source() : domain::LogIdentity{}; }

/// An update, and the epoch of its log.
struct LoggedUpdate {
  domain::Update update;
  domain::Epoch epoch;
  friend bool operator==(const LoggedUpdate&, const LoggedUpdate&) = default;
};

/// The way back to the node that sent a presence message: a few bytes, opaque except to the bus that handed them out.
/// No two starts of a node have the same one.
using PeerAddress = std::string;

/// Receives the presence notes of other nodes; usecase/presence has their format. Called from the bus's threads;
/// implementations only enqueue.
class PresenceListener {
 public:
  virtual ~PresenceListener() = default;
  virtual void on_presence(PeerAddress from, std::string message) = 0;
};

/// Receives everything that comes from the other nodes. Called from the bus's threads; implementations only enqueue.
class BusListener : public PresenceListener {
 public:
  /// Updates that came together. Each may be late, early, repeated or followed by an older one.
  virtual void on_updates(std::vector<LoggedUpdate> updates) = 0;

  /// A presence frame, which this node made from the notes of the others.
  virtual void on_frame(FramePtr frame) = 0;

  /// Updates of this channel may have been lost on the way, so its head in the log must be read.
  virtual void check_log(const domain::ChannelKey& channel) = 0;

  /// The same for every channel: after each (re)connect, and when too many channels lost something.
  virtual void look_at_log_everywhere() = 0;
};

/// The way to the other nodes. It is the fast path: best effort and bounded. The tail of the log repairs its losses.
/// Thread safe; every call enqueues only.
class PeerBus {
 public:
  virtual ~PeerBus() = default;

  /// To every node that wants the channel of `frame`, which holds an update.
  virtual void broadcast(FramePtr frame) = 0;

  /// To every node: at most 64 KiB, opaque here. May be lost.
  virtual void broadcast_presence(std::string message) = 0;

  /// The same to one node. Dropped if the address is not valid any more.
  virtual void tell(const PeerAddress& to, std::string message) = 0;

  /// This node has its first watcher of the channel now.
  virtual void watched(const domain::ChannelKey& /*channel*/) {}

  /// This node's last watcher of the channel has gone.
  virtual void unwatched(const domain::ChannelKey& /*channel*/) {}
};

/// An update on its way to the peers, encoded once and shared by their queues.
struct BusEvent {
  std::string channel;  ///< text form, for the mark that replaces a dropped event
  std::string body;     ///< see bus_envelope.hpp

  /// `frame` holds an update. `database`: of this node, see LogIdentity.
  static std::shared_ptr<const BusEvent> of(const Frame& frame, std::string_view database);
};
using BusEventPtr = std::shared_ptr<const BusEvent>;

struct RelayLimits {
  std::size_t credit = 2048;            ///< events sent and not yet acknowledged
  std::size_t queue = 8192;             ///< events behind them
  std::size_t bytes = 8 * 1024 * 1024;  ///< of both together, bookkeeping included; marks (64 KiB) apart
  std::size_t batch_events = 64;
  std::size_t batch_bytes = 64 * 1024;  ///< exceeded only by a single larger event
  std::size_t marks = 256;              ///< channels remembered as incomplete; more: "all of them"
};

/// The events that one peer has still to get: a drop-oldest queue behind a window of unacknowledged batches. A dropped
/// event leaves a mark, and marks travel first, so the peer knows for which channels it must read the log. A new queue
/// begins with the mark for all channels. Owned by: the event bus actor.
class RelayQueue {
 public:
  struct Batch {
    std::uint64_t number = 0;  ///< 1, 2, 3 ...
    std::size_t events = 0;    ///< marks not counted
    std::string bytes;         ///< envelopes, one after the other
  };

  explicit RelayQueue(RelayLimits limits = {}) : limits_{limits} {}

  /// Takes the event, at the cost of the oldest ones when there is no room.
  void push(BusEventPtr event);

  /// The peer must check the log of the channel, because an event was not pushed for it.
  void mark(const std::string& channel);

  /// The next batch to send; nullopt: no work, or no credit left (`starved()` then).
  std::optional<Batch> take();

  /// The peer has received all batches up to `number`. False, and nothing changes, if no such batch is in flight.
  bool acknowledge(std::uint64_t number);

  /// A whole batch waits and may go.
  bool full_batch() const { return queue_.size() >= limits_.batch_events || queued_bytes_ >= limits_.batch_bytes; }
  bool starved() const { return in_flight_ >= limits_.credit && has_work(); }

  std::size_t queued() const { return queue_.size(); }
  std::size_t in_flight() const { return in_flight_; }
  std::size_t bytes() const { return queued_bytes_ + in_flight_bytes_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Queued {
    std::uint64_t seq;
    BusEventPtr event;
  };
  struct Sent {
    std::uint64_t number;
    std::size_t entries;  ///< events and marks
    std::size_t bytes;
  };

  bool has_work() const { return !queue_.empty() || !marks_.empty() || mark_all_; }
  bool no_room_for(std::size_t size) const;
  void drop_oldest();
  void note_drop(const BusEvent& event);
  std::size_t take_marks(std::string& out, std::size_t most);
  std::size_t take_events(std::string& out, std::size_t most);

  RelayLimits limits_;
  std::deque<Queued> queue_;
  std::deque<Sent> sent_;
  std::set<std::string, std::less<>> marks_;  ///< channels
  std::size_t mark_bytes_ = 0;
  bool mark_all_ = true;
  std::size_t queued_bytes_ = 0;
  std::size_t in_flight_ = 0;  ///< entries of `sent_`
  std::size_t in_flight_bytes_ = 0;
  std::uint64_t last_seq_ = 0;
  std::uint64_t last_number_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace danwa::delivery
