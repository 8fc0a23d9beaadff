#pragma once

#include <optional>
#include <vector>

#include "domain/channel/position.hpp"
#include "domain/conversation/decisions.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::usecase {

/// Conversations as rooms: their settings and members, with the updates that tell of every change in the
/// same transaction. Reads the master alone. Thread safe. Every answer of success is durable; that of a change
/// holds a position at which all that it tells is to be seen, also when nothing had to be changed. Errors of all:
/// `unavailable`; those of the rule that was given.
class ConversationRepository {
 public:
  virtual ~ConversationRepository() = default;

  using View = domain::ConversationView;
  virtual Async<domain::Result<View>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                           domain::UserId user) = 0;

  /// Decide on the present state, inside the transaction. Run on: the database's writer thread.
  using Rule = domain::MembershipRule;
  using SettingsRule = domain::SettingsRule;

  using Change = domain::ConversationChange;
  using Settings = domain::ConversationSettings;

  struct Configured {
    View view;                                           ///< afterwards, as `by` sees it
    bool created = false;                                ///< it had no row
    std::vector<domain::MemberJoined> joined;            ///< `by` as its owner, then authors by their ids
    std::optional<domain::ConversationChanged> changed;  ///< absent: all was so already
    domain::Position position{};
  };
  /// Sets what `rule` makes of `settings`, as domain::decide_configure decides.
  virtual Async<domain::Result<Configured>> configure(Change change, Settings settings, SettingsRule rule) = 0;

  struct Joined {
    domain::Member member;
    std::optional<domain::MemberJoined> event;  ///< absent: was a member already
    domain::Position position{};
  };
  /// Makes `user` a member, if `rule` (of the view of `change.by`) allows it: domain::decide_join.
  virtual Async<domain::Result<Joined>> join(Change change, domain::UserId user, Rule rule) = 0;

  struct Left {
    std::optional<domain::MemberLeft> event;  ///< absent: was no member
    domain::Position position{};
  };
  /// Ends the membership of `user`, if `rule` allows it: domain::decide_leave.
  virtual Async<domain::Result<Left>> leave(Change change, domain::UserId user, Rule rule) = 0;

  struct Members {
    std::vector<domain::Member> members;  ///< by user id
    bool more = false;
    View view;  ///< of `viewer`, in the same snapshot
  };
  /// At most `limit` (1 to 1,000) members whose user id is above `after`; fewer where their names fill a page before
  /// (PageSize). A short page is no last page: `more` tells.
  virtual Async<domain::Result<Members>> members(domain::CompanyId company, domain::ConversationKey conversation,
                                                 domain::UserId viewer, std::optional<domain::UserId> after,
                                                 std::size_t limit) = 0;
};

}  // namespace danwa::usecase
