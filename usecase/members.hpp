#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/comments.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::usecase {

/// The ports of a change of a membership.
struct MembershipNeeds {
  ConversationRepository& conversations;
  EventBus& events;
  IdGenerator& ids;
  const Clock& clock;
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
  using Needs = MembershipNeeds;
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
  using Needs = MembershipNeeds;
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

}  // namespace danwa::usecase
