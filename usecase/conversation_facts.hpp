#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/channel/cursor.hpp"
#include "domain/conversation/decisions.hpp"
#include "domain/update/update.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/repositories.hpp"

namespace danwa::usecase {

/// What a node knows of one conversation: its visibility and its members, as of an update of its log. Follows the log
/// by the updates that reach the node. No clock, no thread.
class KnownConversation {
 public:
  static constexpr std::size_t kMostEarly = 64;       ///< updates that wait for an earlier one
  static constexpr std::size_t kMostPeople = 65'536;  ///< whose membership is known

  /// Takes the answer of the master: `user` has this view. One that is older than what is known adds at most the
  /// membership of `user`.
  void learn(const domain::UserId& user, const domain::ConversationView& view);

  /// The same for all members at once.
  void learn_all(const std::vector<domain::Member>& members, const domain::ConversationView& view);

  /// An update of the conversation has reached the node; in any order, perhaps twice.
  void hear(const domain::Update& update);

  /// The log has at least this head.
  void grown(domain::Seq head) { log_head_ = std::max(log_head_, head); }

  /// The highest update that the node knows of.
  domain::Seq head() const {
    return std::max({log_head_, as_of_, early_.empty() ? domain::Seq{0} : early_.rbegin()->first});
  }

  /// Whether the node has missed nothing of the conversation that it knows of.
  bool up_to_date() const { return known_ && log_head_ <= as_of_; }

  domain::Seq as_of() const { return as_of_; }
  const domain::Epoch& epoch() const { return epoch_; }

  /// Whether all members are known, and not only those who were asked for.
  bool knows_members() const { return all_known_; }

  /// Whether `user` may enter; nullopt: their membership is not known and matters.
  std::optional<bool> admits(const domain::UserId& user) const;

 private:
  /// What an update changes here.
  struct Change {
    std::optional<domain::UserId> added{};
    std::optional<domain::UserId> removed{};
    std::optional<domain::Visibility> visibility{};
    bool any() const { return added || removed || visibility; }
  };
  static Change change_of(const domain::UpdateBody& body);

  bool take_view(const domain::ConversationView& view);
  void apply(domain::Seq seq, const Change& change);
  void catch_up();
  void note(const domain::UserId& user, bool member);

  bool known_ = false;
  domain::Epoch epoch_;
  domain::Seq as_of_ = 0;
  domain::Seq log_head_ = 0;    // above as_of_: something was missed
  domain::Seq changed_at_ = 0;  // the last change of visibility or members that was applied
  domain::Visibility visibility_ = domain::Visibility::open;
  bool all_known_ = false;  // who is not in people_ is no member
  std::unordered_map<domain::UserId, bool> people_;
  std::map<domain::Seq, Change> early_;
};

/// Answers who may enter a conversation without a read of the database. A fact comes from a read of the master. It
/// counts only while the node has looked at the log within `kFresh`, so that a node that is cut from its database stops
/// to admit people; while no missed update of the conversation is known; and for a caller whose position the node has
/// reached. Keeps the conversations that were asked for last.
///
/// A removal on another node is known here when its update has come: by the event bus in a few milliseconds, by the
/// tail of the log at the latest. A watch that was admitted in between ends at that update, because its guard counts
/// from `as_of`. Thread safe; a mutex per shard is held for one look-up.
class ConversationFacts {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kFresh{1};
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMostOfShard = 4'096;  ///< conversations

  /// A person may enter, as of an update of the log.
  struct Access {
    domain::Seq as_of = 0;
    domain::Epoch epoch;
  };

  /// What an answer must cover.
  struct Wanted {
    std::optional<domain::Position> seen{};  ///< position that the caller has received
    domain::Seq at_least = 0;                ///< an update of the conversation
  };

  /// Absent: ask the master. It is asked before anybody is refused, too, because a person who was let in on another
  /// node a moment ago must not be refused here.
  std::optional<Access> find(const domain::ChannelKey& conversation, const domain::UserId& user, const Wanted& wanted,
                             Time now);

  /// The highest update of the conversation that the node knows of; nullopt: it is not among the conversations here.
  std::optional<domain::Seq> head(const domain::ChannelKey& conversation);

  bool knows_members(const domain::ChannelKey& conversation);

  void learn(const domain::ChannelKey& conversation, const domain::UserId& user, const domain::ConversationView& view);
  void learn_all(const domain::ChannelKey& conversation, const ConversationRepository::Members& members);

  // --- events of the node
  void hear(const domain::Update& update, const domain::Epoch& epoch);
  void grown(const domain::ChannelKey& channel, domain::Seq head);
  void replaced(const domain::Epoch& epoch);
  /// The tail of the log has told everything up to `number`, if it counts positions.
  void looked(const domain::Epoch& epoch, std::optional<std::uint64_t> number, Time now);

  /// The right to read a conversation for all who ask meanwhile. Its end wakes them.
  class Reading {
   public:
    Reading(ConversationFacts& facts, domain::ChannelKey conversation)
        : facts_{&facts}, conversation_{std::move(conversation)} {}
    Reading(Reading&& other) noexcept
        : facts_{std::exchange(other.facts_, nullptr)},
          conversation_{std::move(other.conversation_)},
          failure_{std::move(other.failure_)} {}
    Reading& operator=(Reading&&) = delete;
    ~Reading() {
      if (facts_ != nullptr) facts_->end(conversation_, failure_);
    }
    void fail(domain::Errors why) { failure_ = std::move(why); }

   private:
    ConversationFacts* facts_;
    domain::ChannelKey conversation_;
    std::optional<domain::Errors> failure_;
  };

  /// Present: the caller reads the master now. Absent: another caller has read it meanwhile. Errors: those of that
  /// read.
  Async<domain::Result<std::optional<Reading>>> begin(domain::ChannelKey conversation);

 private:
  using Resume = std::function<void(std::optional<domain::Errors>)>;
  struct Place;
  struct Shard {
    std::mutex mutex;
    std::list<Place> used;  // the last one first
    std::unordered_map<domain::ChannelKey, std::list<Place>::iterator> places;
    std::unordered_map<domain::ChannelKey, std::vector<Resume>> readings;  // those that wait
  };
  struct Place {
    domain::ChannelKey key;
    KnownConversation known;
  };
  struct Looked {
    Time at{};
    domain::Epoch epoch;
    std::optional<std::uint64_t> number;
  };

  Shard& shard_of(const domain::ChannelKey& conversation) {
    return shards_[(std::hash<domain::ChannelKey>{}(conversation) >> 8) % kShards];
  }
  static KnownConversation& place(Shard& shard, const domain::ChannelKey& conversation);
  static KnownConversation* known(Shard& shard, const domain::ChannelKey& conversation);
  Looked looked() const;
  void end(const domain::ChannelKey& conversation, const std::optional<domain::Errors>& failure);

  std::array<Shard, kShards> shards_;
  mutable std::mutex looked_mutex_;  // held for a copy
  Looked looked_;
};

}  // namespace danwa::usecase
