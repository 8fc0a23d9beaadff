#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/account/credential.hpp"
#include "usecase/access.hpp"
#include "usecase/comments.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/presence.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/system.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// The ports of a change of a conversation or of its members.
struct ConversationChangeNeeds {
  ConversationRepository& conversations;
  EventBus& events;
  IdGenerator& ids;
  const Clock& clock;
};

/// Sets the title and visibility of a conversation. A caller who has the conversation to themselves becomes its owner.
/// Thread safe.
class ConfigureConversation {
 public:
  using Needs = ConversationChangeNeeds;
  struct Input {
    std::string conversation_key;
    std::optional<std::optional<std::string>> title;  ///< absent: unchanged; empty: removed
    std::optional<std::string> visibility;            ///< absent: unchanged
    Precondition precondition{};
  };
  struct Output {
    ConversationRepository::AccessContext view;  ///< after the change, as the caller sees it
    bool created;                                ///< nobody had written in it, joined it or configured it before
    domain::Position position;                   ///< of the change
  };
  struct Parsed {
    domain::ConversationKey conversation;
    ConversationRepository::Settings settings;
  };

  explicit ConfigureConversation(Needs needs) : needs_{needs} {}

  /// Errors, gathered: `conversationKey-*`, `title-*`, `visibility-unknown` (validation).
  static domain::Result<Parsed> parse(Input input);

  /// A success is durable. No event is published if nothing changes. Errors: those of `parse`; `token-required`;
  /// `not-granted`, `not-a-member`, `not-an-owner` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

/// Reads a conversation and the caller's membership in it. Thread safe.
class GetConversation {
 public:
  explicit GetConversation(const ConversationAccess& access) : access_{access} {}

  /// A conversation that nobody has written in is open and has head 0. Errors: `conversationKey-*` (validation);
  /// `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<ConversationRepository::AccessContext>> execute(std::string conversation_key,
                                                                       domain::Credential who) const;

 private:
  const ConversationAccess& access_;
};

/// Builds one page of the list of conversations from the rows that a database reads. It examines at most 1,000 rows,
/// whatever the page asks for and however many of them the viewer may not see. Then the page ends, short or empty, and
/// `next` continues the list. For one page, by one owner.
///
/// For a viewer with grants, the database first counts the rows in the key ranges of the grants, with the index of
/// keys. If they are few, they are the whole list and are sorted here. If they are many, the list is walked in its
/// order, and rows outside the grants are skipped.
class ListingPage {
 public:
  static constexpr std::size_t kMostLooked = 1000;
  static constexpr std::size_t kMostCounted = kMostLooked / 2;  ///< rows in the ranges of grants

  explicit ListingPage(const UpdateLog::ListingRequest& request);

  /// Number of rows to examine in the order of the list.
  std::size_t most_walked() const { return request_.shown ? kMostLooked - kMostCounted : kMostLooked; }

  /// Examines the row with the number `looked`, counted from 1 in the order of the list. Rows that the viewer may not
  /// see count, too.
  void look(std::size_t looked, UpdateLog::ConversationSummary row);

  /// Takes all rows in the key ranges of the grants, in any order.
  void take_all(std::vector<UpdateLog::ConversationSummary> rows);

  bool ended() const { return ended_; }
  UpdateLog::Listing take() { return std::move(page_); }

 private:
  bool shows(const UpdateLog::ConversationSummary& row) const;
  void add(UpdateLog::ConversationSummary row);
  void end_behind(std::uint64_t place);

  const UpdateLog::ListingRequest& request_;
  PageText text_{PageSize::kText};
  UpdateLog::Listing page_;
  bool ended_ = false;
};

/// Lists the conversations that the caller may read, the one with the newest update in the log first. Thread safe.
class ListConversations {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  explicit ListConversations(UpdateLog& log) : log_{log} {}

  /// Returns at most `limit` (1 to kMaxLimit) conversations, from behind `behind`. A bounded number of the company's
  /// conversations is examined for one page, so a page may be short or empty and still have a `next`, with which the
  /// list continues. The page shows everything that was written up to `seen`, and includes its own position. Errors:
  /// `limit-out-of-range` (validation); `unavailable`.
  Async<domain::Result<UpdateLog::Listing>> execute(std::optional<UpdateLog::ConversationMark> behind,
                                                    std::size_t limit, domain::Credential who,
                                                    std::optional<domain::Position> seen = std::nullopt) const;

 private:
  UpdateLog& log_;
};

/// Whose membership of which conversation is to change.
struct MembershipInput {
  std::string conversation_key;
  std::string user_id;
  Precondition precondition{};  ///< on the membership
};

/// Makes a user a member of a conversation, then publishes the event to every watcher. Thread safe.
class JoinConversation {
 public:
  using Needs = ConversationChangeNeeds;
  using Input = MembershipInput;
  struct Output {
    domain::Member member;
    bool joined;                ///< true: by this call; false: was a member already
    domain::Position position;  ///< of the membership
  };

  explicit JoinConversation(Needs needs) : needs_{needs} {}

  /// A success is durable. Errors: `conversationKey-*`, `user-*` (validation), gathered; `token-required`;
  /// `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

/// Ends a user's membership of a conversation, then publishes the event to every watcher. In a private conversation the
/// user's live watches end with it. Thread safe.
class LeaveConversation {
 public:
  using Needs = ConversationChangeNeeds;
  using Input = MembershipInput;
  struct Output {
    bool left;                  ///< true: was a member until now
    domain::Position position;  ///< of the end of the membership
  };

  explicit LeaveConversation(Needs needs) : needs_{needs} {}

  /// A success is durable. Errors: `conversationKey-*`, `user-*` (validation), gathered; `token-required`;
  /// `not-granted`, `not-a-member`, `not-an-owner` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

/// Lists the members of a conversation, by user id. Thread safe.
class ListMembers {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  explicit ListMembers(ConversationRepository& conversations) : conversations_{conversations} {}

  struct Input {
    std::string conversation_key;
    std::optional<domain::UserId> after;  ///< only users whose id is above it
    std::size_t limit = 100;              ///< 1 to 1,000
  };

  /// Errors: `conversationKey-*`, `limit-out-of-range` (validation), gathered; `not-granted`, `not-a-member`
  /// (forbidden); `unavailable`.
  Async<domain::Result<ConversationRepository::Members>> execute(Input input, domain::Credential who) const;

 private:
  ConversationRepository& conversations_;
};

/// Lists the users who watch a conversation now, on all nodes. Thread safe.
class GetPresence {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  struct Input {
    std::string conversation_key;
    std::optional<domain::UserId> after;  ///< only users whose id is above it
    std::size_t limit = kMaxLimit;
  };

  struct Output {
    domain::ConversationKey conversation;
    Presence::Page page;
  };

  GetPresence(Presence& presence, const ConversationAccess& access) : presence_{presence}, access_{access} {}

  /// Errors: `conversationKey-*`, `limit-out-of-range` (validation); `not-granted`, `not-a-member` (forbidden);
  /// `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Presence& presence_;
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
