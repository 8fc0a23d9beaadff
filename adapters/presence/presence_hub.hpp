#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/delivery/figures.hpp"
#include "adapters/delivery/peer_bus.hpp"
#include "adapters/presence/presence_rooms.hpp"
#include "adapters/presence/presence_table.hpp"

namespace danwa::adapters {

/// The people who watch each conversation now, over all nodes. It gathers the watches of this node and the notes of the
/// other nodes, announces its own to them, and sends `presence-changed` frames to the watchers of this node. Thread
/// safe: calls only record an event. One thread calls `step`, which sends everything, so the frames of a conversation
/// leave in order.
class PresenceHub final : public PresenceListener, public usecase::Presence {
 public:
  using Time = PresenceTable::Time;
  static constexpr std::size_t kMaxInbox = 16UL << 20;  ///< bytes of waiting notes; further notes are dropped

  static constexpr std::size_t kNames = 50;  ///< most names in a frame; its count is of all

  struct Needs {
    PresenceSelf self;
    DeliveryFigures& figures;
    const FrameEncoder& encoder;
    std::function<void()> wake{};  ///< `step` is wanted now; called from any thread, enqueues only
    PresenceTable::Options options{};
  };
  explicit PresenceHub(Needs needs);

  /// Call it before the first `step`. `peers` null: only this node's watchers count. Both must outlive the last `step`.
  void connect(PeerBus* peers, BusListener& watchers);

  /// A watch begins, or a watch that `begin` has counted ends. A watch without a person gets presence frames and is not
  /// counted as present.
  void begin(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);
  void end(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);

  /// The newest presence frame of a conversation that is watched on this node.
  FramePtr frame_of(const domain::ChannelKey& conversation);

  /// The first presence frame of a new watch; null if nobody except `person` is present.
  FramePtr greeting(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);

  /// A note of another node. Enqueues only.
  void on_presence(std::string note) override;

  Page present(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& after,
               std::size_t limit) const override;

  /// Does the due work and returns the time of the next call.
  Time step(Time now);

  /// Sends the goodbye to the other nodes. Called by the stepping thread, or after its end; no step follows.
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
  FramePtr make_frame(const domain::ChannelKey& conversation, const Page& page) const;
  void count();
  std::vector<std::string> take_inbox();

  DeliveryFigures& figures_;
  const FrameEncoder& encoder_;
  std::function<void()> wake_;
  PeerBus* peers_ = nullptr;
  BusListener* watchers_ = nullptr;

  mutable std::mutex mutex_;  // shared by transports, readers and the stepping thread; held for one change or one note
  PresenceTable table_;
  PresenceRooms rooms_;
  Time promised_ = Time::max();  // the next planned step

  std::mutex inbox_mutex_;  // shared with the bus's threads; held for a push or a swap
  std::vector<std::string> inbox_;
  std::size_t inbox_bytes_ = 0;
};

}  // namespace danwa::adapters
