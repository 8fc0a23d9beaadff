#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters {

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

/// What one peer has still to get: a drop-oldest queue behind a window of unacknowledged batches.
/// Whatever is dropped leaves a mark, and marks travel first, so the peer knows where to look at the
/// log. A new queue starts with the mark for all channels. Owned by: the event bus actor.
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

  /// The next batch to send, or nothing: no work, or no credit left (`starved()` then).
  std::optional<Batch> take();

  /// The peer has got all batches up to `number`. False, and nothing changes, when that cannot be.
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

}  // namespace danwa::adapters
