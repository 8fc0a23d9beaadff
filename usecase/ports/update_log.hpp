#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/account/key_patterns.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/update/update.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/freshness.hpp"
#include "usecase/ports/page_text.hpp"

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
  struct ListingWish {
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
  virtual Async<domain::Result<Listing>> conversations(ListingWish wish, Freshness wanted) = 0;

  /// The position of the master: everything that it has shown before is at or below it.
  virtual Async<domain::Result<domain::Position>> position() = 0;
};

}  // namespace danwa::usecase
