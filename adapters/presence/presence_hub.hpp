#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/delivery/peer_bus.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/presence/presence_rooms.hpp"
#include "adapters/presence/presence_table.hpp"

namespace danwa::adapters {

/// Who watches a conversation now: gathers the watches of this node and what the others tell of theirs, tells
/// both on, and shows changes to the watchers here. Thread safe: calls only note what happened; all that
/// follows is sent by the one thread that calls `step`, so frames of a conversation leave in their order.
class PresenceHub final : public PresenceListener, public usecase::Presence {
 public:
  using Time = PresenceTable::Time;
  static constexpr std::size_t kMaxInbox = 16UL << 20;  ///< bytes of notes that wait; what comes then is dropped

  struct Needs {
    PresenceSelf self;
    Metrics& metrics;
    std::function<void()> wake{};  ///< `step` is wanted now; called from any thread, enqueues only
    PresenceTable::Options options{};
  };
  explicit PresenceHub(Needs needs);

  /// Before the first `step`. `peers` null: only this node's watchers count. Both outlive the last `step`.
  void connect(PeerBus* peers, BusListener& watchers);

  /// A watch begins, or one that `begin` has noted ends. Without a person it sees who is there, and is not.
  void begin(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);
  void end(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);

  /// What the watchers of this conversation are shown now; it must be watched here.
  FramePtr frame_of(const domain::ChannelKey& conversation);

  /// The same for a watcher that has just come; null when there is nobody but `person`.
  FramePtr greeting(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);

  /// A note of another node. Enqueues only.
  void on_presence(std::string note) override;

  Page present(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& after,
               std::size_t limit) const override;

  /// Does what is due and answers when it wants to be called again.
  Time step(Time now);

  /// Says goodbye to the other nodes. By the thread that steps, or after its end; no step follows.
  void close();

 private:
  struct Work {
    std::vector<std::string> notes;
    FrameBatch frames;
  };

  Work advance(Time now);
  void show_changes(Time now, FrameBatch& frames);
  void send(Work work);
  Time next_due() const;
  void wake_if_due(std::unique_lock<std::mutex> lock);
  void count();
  std::vector<std::string> take_inbox();

  Metrics& metrics_;
  std::function<void()> wake_;
  PeerBus* peers_ = nullptr;
  BusListener* watchers_ = nullptr;

  mutable std::mutex mutex_;  // doors, readers and the stepping thread; held for one change, or for one note
  PresenceTable table_;
  PresenceRooms rooms_;
  Time promised_ = Time::max();  // the stepping thread comes then

  std::mutex inbox_mutex_;  // the bus's threads; held for a push or a swap
  std::vector<std::string> inbox_;
  std::size_t inbox_bytes_ = 0;
};

}  // namespace danwa::adapters
