#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/account/key_patterns.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/channel/update.hpp"
#include "domain/conversation/conversation.hpp"
#include "usecase/async.hpp"
#include "usecase/page_text.hpp"
#include "usecase/ports/freshness.hpp"

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
  virtual Async<domain::Result<Head>> head(domain::ChannelKey channel, ReadFrom from) = 0;

  struct Page {
    std::vector<domain::Update> updates;  ///< ascending, without holes, from the first asked for
    domain::Seq head = 0;                 ///< of the channel, in the same snapshot
    domain::Epoch epoch;
    domain::Seq oldest = 1;                      ///< that the log still holds; head + 1: it holds none
    std::optional<domain::Position> position{};  ///< of that snapshot or a moment later; when it is to be told
  };
  /// The updates with seq in [first, last], the oldest first, as far as they fit on a page of `size`; none when the
  /// log does not hold the first of them any more. A short page is no last page: `head` tells whether more follows.
  virtual Async<domain::Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                           PageSize size, Freshness wanted) = 0;

  struct ConversationSummary {
    domain::ConversationKey key;
    domain::Seq head = 0;
    domain::Timestamp last_activity;
    std::optional<domain::ConversationTitle> title{};
    domain::Visibility visibility = domain::Visibility::open;
    bool member = false;      ///< the viewer is one
    std::uint64_t place = 0;  ///< of its newest update among the updates of all conversations; unique
  };
  /// Where a list of conversations goes on. What is given must hold.
  struct ConversationMark {
    std::optional<std::uint64_t> place{};       ///< behind the conversation that stood at this place
    std::optional<domain::Timestamp> before{};  ///< those whose last activity is earlier
    friend bool operator==(const ConversationMark&, const ConversationMark&) = default;
  };
  struct Listing {
    std::vector<ConversationSummary> conversations;
    std::optional<domain::Position> position{};  ///< as of a page
    std::optional<ConversationMark> next{};      ///< where to go on, when there may be more
  };
  struct ListingWish {
    domain::CompanyId company;
    domain::UserId viewer;
    std::optional<domain::KeyPatterns> shown{};  ///< conversations with these keys alone; absent: all
    std::optional<ConversationMark> behind{};    ///< those that it admits; absent: from the first
    std::size_t limit = 100;                     ///< 1 to 1,000
  };
  /// Conversations of a company that `viewer` may enter (the open ones, and the private ones of which they are a
  /// member), the one with the newest update in the log first, whatever the clocks of the nodes say. At most 1,000 of
  /// the company's conversations are looked at (ListingPage): the page may be short or empty and have a `next`.
  virtual Async<domain::Result<Listing>> conversations(ListingWish wish, Freshness wanted) = 0;

  /// How far the master has come: whatever it has shown before is at or below.
  virtual Async<domain::Result<domain::Position>> position() = 0;
};

}  // namespace danwa::usecase
