#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/account/credential.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/update/update.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/freshness.hpp"
#include "usecase/ports/paging.hpp"

namespace danwa::usecase {

/// The durable, numbered log of every channel. Thread safe; holds no transaction between calls.
/// Errors of all: `unavailable`.
class UpdateLog {
 public:
  virtual ~UpdateLog() = default;

  struct Head {
    domain::Epoch epoch;
    domain::Seq seq = 0;  ///< 0 for a channel without updates
  };
  struct Heads {
    domain::Epoch epoch;
    std::vector<domain::Seq> seqs;  ///< of the channels asked for, in their order
  };
  /// The heads of 1 to 1,000 channels in one snapshot.
  virtual Async<domain::Result<Heads>> heads(std::vector<domain::ChannelKey> channels, ReadFrom from) = 0;

  struct Page {
    std::vector<domain::Update> updates;  ///< ascending, without holes, from the first asked for
    domain::Seq head = 0;                 ///< of the channel, in the same snapshot
    domain::Epoch epoch;
    domain::Seq oldest = 1;                      ///< oldest seq that the log still holds; head + 1: none
    std::optional<domain::Position> position{};  ///< of that snapshot or a moment later; present if requested
  };
  /// Returns the updates with seq in [first, last] in ascending order, as far as they fit on a page of `size`; none if
  /// the log no longer holds the first of them. A short page may not be the last one: `head` shows whether more follow.
  virtual Async<domain::Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                           PageSize size, Freshness wanted) = 0;

  struct ConversationSummary {
    domain::ConversationKey key;
    domain::Seq head = 0;
    domain::Timestamp last_activity;
    std::optional<domain::ConversationTitle> title{};
    domain::Visibility visibility = domain::Visibility::open;
    bool member = false;      ///< whether the viewer is one
    std::uint64_t place = 0;  ///< of its newest update among the updates of all conversations; unique
  };
  /// Where a list of conversations continues. The conditions that are present must all hold.
  struct ConversationMark {
    std::optional<std::uint64_t> place{};       ///< after the conversation that was at this place
    std::optional<domain::Timestamp> before{};  ///< only those with an earlier last activity
    friend bool operator==(const ConversationMark&, const ConversationMark&) = default;
  };
  struct Listing {
    std::vector<ConversationSummary> conversations;
    std::optional<domain::Position> position{};  ///< as for a page
    std::optional<ConversationMark> next{};      ///< where the list continues, if there may be more
  };
  struct ListingRequest {
    domain::CompanyId company;
    domain::UserId viewer;
    std::optional<domain::KeyPatterns> shown{};  ///< only conversations with these keys; absent: all
    std::optional<ConversationMark> behind{};    ///< only those that it admits; absent: from the first
    std::size_t limit = 100;                     ///< 1 to 1,000
  };
  /// Lists the conversations of a company that `viewer` may enter: the open ones, and the private ones of which they
  /// are a member. The one with the newest update in the log comes first, independent of the clocks of the nodes. At
  /// most 1,000 of the company's conversations are examined (ListingPage), so a page may be short or empty and still
  /// have a `next`.
  virtual Async<domain::Result<Listing>> conversations(ListingRequest request, Freshness wanted) = 0;

  /// The position of the master: everything that it has shown before is at or below it.
  virtual Async<domain::Result<domain::Position>> position() = 0;
};

/// Receives the observations of the node's log tail. Called from the tail's own thread; implementations only enqueue.
class TailListener {
 public:
  virtual ~TailListener() = default;

  struct Growth {
    domain::ChannelKey channel;
    domain::Seq head;
  };
  /// These channels have grown to at least these heads.
  virtual void on_growth(std::span<const Growth> channels) = 0;

  /// Another log has taken over: every watcher must start afresh.
  virtual void on_epoch(const domain::Epoch& epoch) = 0;

  /// A look at the log of this epoch has ended, and what it found has been told. So everything up to `position` is
  /// known, if the log counts positions in the order in which updates become visible.
  virtual void on_looked(const domain::Epoch& epoch, std::optional<std::uint64_t> position) = 0;
};

/// The highest position of the present log that this node has sent or seen. No answer of this node carries a higher
/// one, so the node does not wait for a replica to reach a higher one. Thread safe, without a lock.
class HighestPosition {
 public:
  void saw(std::uint64_t number) {
    auto known = highest_.load(std::memory_order_relaxed);
    while (known < number && !highest_.compare_exchange_weak(known, number, std::memory_order_relaxed)) continue;
  }

  bool covers(std::uint64_t number) const { return number <= highest_.load(std::memory_order_relaxed); }

  /// Called when another log takes over, whose numbers may be lower.
  void forget() { highest_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> highest_{0};
};

}  // namespace danwa::usecase
