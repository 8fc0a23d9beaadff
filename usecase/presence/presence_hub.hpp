#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "usecase/delivery/figures.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/delivery/peer_bus.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/presence.hpp"
#include "usecase/presence/presence_shard.hpp"
#include "usecase/presence/presence_table.hpp"

namespace danwa::presence {

/// The people who watch each conversation now, over all nodes. It gathers the watches of this node, and the people of
/// the other nodes in conversations that somebody watches or reads here. It announces its own people to the nodes that
/// want to know them, and sends `presence-changed` frames to the watchers of this node. Thread safe: calls only record
/// an event. One thread calls `step`, which sends everything, so the frames of a conversation leave in order.
class PresenceHub final : public delivery::PresenceListener, public usecase::Presence {
 public:
  using Time = PresenceTable::Time;
  static constexpr std::size_t kMaxInbox = 16UL << 20;  ///< bytes of waiting notes; further notes are dropped

  static constexpr std::size_t kNames = 50;  ///< most names in a frame; its count is of all

  struct Needs {
    PresenceSelf self;
    delivery::DeliveryFigures& figures;
    const delivery::FrameEncoder& encoder;
    std::function<void()> wake{};  ///< called from any thread: `step` is due now
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

  /// The first presence frame of a new watch. Null if nobody except `person` is present, or if the other nodes have not
  /// answered yet: a frame follows when they have.
  delivery::FramePtr greeting(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person);

  /// A note of another node. Enqueues only.
  void on_presence(delivery::PeerAddress from, std::string note) override;

  /// After `close`, and while there is no other node, the answer comes at once.
  usecase::Async<Page> present(domain::ChannelKey conversation, std::optional<domain::UserId> after,
                               std::size_t limit) override;

  /// The same without asking; nullopt: this node does not know everybody in the conversation.
  std::optional<Page> known(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& after,
                            std::size_t limit);

  /// Does the due work and returns the time of the next call.
  Time step(Time now);

  /// Sends the goodbye to the other nodes; readers do not wait any more. Called by the stepping thread, or after its
  /// end; no step follows.
  void close();

 private:
  struct Heard {
    delivery::PeerAddress from;
    std::string note;
  };

  void wake();
  Time last_step() const { return Time{Time::duration{last_step_.load(std::memory_order_relaxed)}}; }
  void receive(Time now);
  void gather(Time now);
  void show_changes(Time now);
  void send(std::vector<OutgoingNote> messages);
  Time next_due();
  delivery::FramePtr make_frame(const domain::ChannelKey& conversation, const Page& page) const;
  void count();
  std::vector<Heard> take_inbox();

  delivery::DeliveryFigures& figures_;
  const delivery::FrameEncoder& encoder_;
  std::function<void()> wake_;
  delivery::PeerBus* peers_ = nullptr;
  delivery::BusListener* watchers_ = nullptr;

  PresenceShards shards_;
  std::atomic<bool> woken_{false};                // a step is due now, and its thread knows it
  std::atomic<bool> alone_{true};                 // no other node is known, or nobody is asked any more
  std::atomic<Time::duration::rep> last_step_{};  // its time

  PresenceTable table_;              // of the stepping thread
  std::uint64_t names_counted_ = 0;  // of the table's names, those that the figures contain

  std::mutex inbox_mutex_;  // shared with the bus's threads; held for a push or a swap
  std::vector<Heard> inbox_;
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
