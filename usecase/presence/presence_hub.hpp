#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "usecase/delivery/figures.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/delivery/peer_bus.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/presence.hpp"
#include "usecase/presence/presence_table.hpp"

namespace danwa::presence {

/// The conversations that are watched on this node, and the time of their next presence frame: at once after a quiet
/// pause, else at the end of the pause, together with all changes until then. No clock, no thread. Owned by: one
/// PresenceHub.
class WatchedConversations {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kPause{250};         ///< between two frames of a conversation
  static constexpr std::chrono::milliseconds kCrowdPause{1'000};  ///< the same if more than kCrowd people are present
  static constexpr std::size_t kCrowd = 1'000;

  /// A watch begins, of a person or without one; a watch ends.
  void open(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person);
  void close(const domain::ChannelKey& channel);

  /// A person came or left. Ignored if the conversation is not watched on this node.
  void change(const domain::ChannelKey& channel, Time now);

  /// Takes the conversations whose frame is due.
  std::vector<domain::ChannelKey> take_due(Time now);
  std::optional<Time> next_due() const;

  /// Whether to send `frame`, made of `page`. False: it equals the last one, the conversation is not watched any more,
  /// or only the one person who watches here was ever present.
  bool show(const domain::ChannelKey& channel, const delivery::FramePtr& frame, const usecase::Presence::Page& page,
            Time now);

  /// The last frame; null: none yet.
  delivery::FramePtr shown(const domain::ChannelKey& channel) const;

 private:
  struct WatchedConversation {
    std::size_t watches = 0;
    std::optional<domain::UserId> only;  // the person of all watches; absent: several persons, or none
    bool sent = false;                   // a frame
    Time quiet_after{};                  // the earliest time of the next frame
    std::optional<Time> due;             // the time of the planned frame
    delivery::FramePtr shown;
  };

  std::unordered_map<domain::ChannelKey, WatchedConversation> conversations_;
  std::set<std::pair<Time, domain::ChannelKey>> due_;
};

/// The people who watch each conversation now, over all nodes. It gathers the watches of this node and the notes of the
/// other nodes, announces its own to them, and sends `presence-changed` frames to the watchers of this node. Thread
/// safe: calls only record an event. One thread calls `step`, which sends everything, so the frames of a conversation
/// leave in order.
class PresenceHub final : public delivery::PresenceListener, public usecase::Presence {
 public:
  using Time = PresenceTable::Time;
  static constexpr std::size_t kMaxInbox = 16UL << 20;  ///< bytes of waiting notes; further notes are dropped

  static constexpr std::size_t kNames = 50;  ///< most names in a frame; its count is of all

  struct Needs {
    PresenceSelf self;
    delivery::DeliveryFigures& figures;
    const delivery::FrameEncoder& encoder;
    std::function<void()> wake{};  ///< `step` is wanted now; called from any thread, enqueues only
    PresenceTable::Options options{};
  };
  explicit PresenceHub(Needs needs);

  /// Call it before the first `step`. `peers` null: only this node's watchers count. Both must outlive the last `step`.
  void connect(delivery::PeerBus* peers, delivery::BusListener& watchers);

  /// A watch begins, or a watch that `begin` has counted ends. A watch without a person gets presence frames and is not
  /// counted as present.
  void begin(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);
  void end(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);

  /// The newest presence frame of a conversation that is watched on this node.
  delivery::FramePtr frame_of(const domain::ChannelKey& conversation);

  /// The first presence frame of a new watch; null if nobody except `person` is present.
  delivery::FramePtr greeting(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);

  /// A note of another node. Enqueues only.
  void on_presence(delivery::PeerAddress from, std::string note) override;

  usecase::Async<Page> present(domain::ChannelKey conversation, std::optional<domain::UserId> after,
                               std::size_t limit) override;

  /// What this node knows now.
  Page known(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& after,
             std::size_t limit) const;

  /// Does the due work and returns the time of the next call.
  Time step(Time now);

  /// Sends the goodbye to the other nodes. Called by the stepping thread, or after its end; no step follows.
  void close();

 private:
  struct Work {
    std::vector<std::string> notes;
    delivery::FrameBatch frames;
  };

  Work advance(Time now);
  void show_changes(Time now, delivery::FrameBatch& frames);
  void send(Work work);
  Time next_due() const;
  void wake_if_due(std::unique_lock<std::mutex> lock);
  delivery::FramePtr make_frame(const domain::ChannelKey& conversation, const Page& page) const;
  void count();
  std::vector<std::string> take_inbox();

  delivery::DeliveryFigures& figures_;
  const delivery::FrameEncoder& encoder_;
  std::function<void()> wake_;
  delivery::PeerBus* peers_ = nullptr;
  delivery::BusListener* watchers_ = nullptr;

  mutable std::mutex mutex_;  // shared by transports, readers and the stepping thread; held for one change or one note
  PresenceTable table_;
  WatchedConversations conversations_;
  Time promised_ = Time::max();  // the next planned step

  std::mutex inbox_mutex_;  // shared with the bus's threads; held for a push or a swap
  std::vector<std::string> inbox_;
  std::size_t inbox_bytes_ = 0;
};

/// A feed that registers each watch of a conversation in the hub, from its start until its subscription is destroyed or
/// the feed ends it. The first frames of a watch include a `presence-changed` frame, unless its person is alone. Thread
/// safe.
class PresenceFeed final : public delivery::UpdateFeed {
 public:
  /// Both must outlive the subscriptions.
  PresenceFeed(delivery::UpdateFeed& feed, PresenceHub& hub) : feed_{feed}, hub_{hub} {}

  std::unique_ptr<delivery::Subscription> watch(usecase::Watch watch,
                                                std::weak_ptr<delivery::Watcher> watcher) override;

 private:
  delivery::UpdateFeed& feed_;
  PresenceHub& hub_;
};

}  // namespace danwa::presence
