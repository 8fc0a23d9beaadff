#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/ports/presence.hpp"
#include "usecase/presence/present_people.hpp"

namespace danwa::presence {

/// The conversations that are watched on this node, and the time of their next presence frame: at once after a quiet
/// pause, else at the end of the pause, together with all changes until then. No clock, no lock: the owner has one.
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

/// The conversations whose people this node wants to know: those that are watched here, and those that were watched or
/// read during the last 30 s. So a client that reconnects, or that reads again and again, finds everybody at once, and
/// the other nodes hear nothing of it. At most `most_idle` are kept without a watch; the oldest go first. No clock, no
/// lock: the owner has one.
class PresenceInterest {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Resume = std::function<void(bool)>;  ///< only enqueues
  static constexpr std::chrono::seconds kLinger{30};

  explicit PresenceInterest(std::size_t most_idle) : most_idle_{most_idle} {}

  /// A watch begins, or one that `watch` has counted ends. `covered`: no other node has to be asked.
  void watch(const domain::ChannelKey& channel, bool covered);
  void unwatch(const domain::ChannelKey& channel, Time now);

  /// Somebody wants to read who is there.
  void read(const domain::ChannelKey& channel, Time now);

  /// Whether this node knows everybody in the conversation.
  bool covered(const domain::ChannelKey& channel) const;

  /// Calls `resume` when the conversation is covered, or is not wanted any more; at once if that is so already.
  void wait(const domain::ChannelKey& channel, Resume resume);

  /// The conversation is covered from now on.
  void cover(const domain::ChannelKey& channel);

  /// Forgets what has not been used for 30 s.
  void expire(Time now);
  Time next_due() const { return idle_.empty() ? Time::max() : idle_.front().until; }

  /// The conversations that have begun or ceased to be wanted since the last call, and whether they are wanted now.
  std::vector<std::pair<domain::ChannelKey, bool>> take_changes();
  bool changed() const { return !changed_.empty(); }

  /// Nobody waits any more.
  void close();

 private:
  struct Idle {
    domain::ChannelKey channel;
    Time until;
  };
  struct Wanted {
    std::size_t watches = 0;
    bool covered = false;
    std::vector<Resume> waiting{};
    std::optional<std::list<Idle>::iterator> idle{};  // in idle_, if there is no watch
  };
  using Conversations = std::unordered_map<domain::ChannelKey, Wanted>;

  Wanted& want(const domain::ChannelKey& channel);
  void keep_for_a_while(const domain::ChannelKey& channel, Wanted& wanted, Time now);
  void use(Wanted& wanted);
  void forget_oldest();
  static void resume_all(Wanted& wanted);

  std::size_t most_idle_;
  Conversations conversations_;
  std::list<Idle> idle_;  // the oldest first
  std::unordered_set<domain::ChannelKey> changed_;
  bool closed_ = false;
};

inline constexpr std::size_t kPresenceShards = 16;
inline constexpr std::size_t kMostIdlePresence = 10'000;  ///< conversations of a node, wanted without a watch

/// Some of the conversations of this node: who watches them here, who is present in them on all nodes, and what is
/// shown. Thread safe: one mutex, which is held for one change.
class PresenceShard {
 public:
  using Time = WatchedConversations::Time;
  using Page = usecase::Presence::Page;

  /// A watch begins, or one that `begin` has counted ends. True: the stepping thread has work. `alone`: there is no
  /// other node.
  bool begin(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person, bool alone);
  bool end(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person, Time now);

  /// Somebody wants to read who is there. True: the stepping thread has work.
  bool read(const domain::ChannelKey& channel, Time now);
  void wait(const domain::ChannelKey& channel, PresenceInterest::Resume resume);
  bool covered(const domain::ChannelKey& channel) const;

  Page page(const domain::ChannelKey& channel, const std::optional<domain::UserId>& after, std::size_t limit) const;

  /// The last frame; null: none yet.
  delivery::FramePtr shown(const domain::ChannelKey& channel) const;

  // For the stepping thread.

  /// A node names, or does not name any more, a person who watches there.
  void add(const PresenceEntry& entry);
  void remove(const PresenceEntry& entry);

  /// What began and ended on this node since the last call, as it is now.
  struct News {
    std::vector<std::pair<domain::ChannelKey, bool>> wanted;
    std::vector<std::pair<PresenceEntry, bool>> present;
  };
  News take_news(Time now);

  /// Everybody in the conversation is known now.
  void cover(const domain::ChannelKey& channel, Time now);

  /// The conversations whose frame is due; see WatchedConversations.
  std::vector<domain::ChannelKey> take_due(Time now);
  bool show(const domain::ChannelKey& channel, const delivery::FramePtr& frame, const Page& page, Time now);
  Time next_due() const;

  std::size_t size() const;  ///< people

  /// Readers do not wait any more.
  void close();

 private:
  mutable std::mutex mutex_;
  PresentPeople people_;
  WatchedConversations watched_;
  PresenceInterest interest_{kMostIdlePresence / kPresenceShards};
  std::map<PresenceEntry, std::size_t> watches_;  // of each person on this node
  std::set<PresenceEntry> dirty_;                 // persons whose first watch began, or whose last one ended
};

/// All conversations of a node. Calls for different conversations rarely meet in one mutex. Thread safe.
class PresenceShards final : public PeopleListener {
 public:
  PresenceShard& of(const domain::ChannelKey& channel) {
    return shards_[(std::hash<domain::ChannelKey>{}(channel) >> 16) % kPresenceShards];
  }
  void add(const PresenceEntry& entry) override { of(entry.first).add(entry); }
  void remove(const PresenceEntry& entry) override { of(entry.first).remove(entry); }

  auto begin() { return shards_.begin(); }
  auto end() { return shards_.end(); }

 private:
  std::array<PresenceShard, kPresenceShards> shards_;
};

}  // namespace danwa::presence
