#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "domain/channel/position.hpp"
#include "domain/conversation/conversation_event.hpp"
#include "usecase/async.hpp"

namespace danwa::usecase {

/// Conversations as rooms: their settings and members, with the updates that tell of every change in the
/// same transaction. Reads the master alone. Thread safe. Every answer of success is durable; that of a change
/// holds a position at which all that it tells is to be seen, also when nothing had to be changed. Errors of all:
/// `unavailable`; those of the rule that was given.
class ConversationRepository {
 public:
  virtual ~ConversationRepository() = default;

  /// A conversation as one person sees it, in one snapshot. One without a row is open and has no members.
  struct View {
    domain::Conversation conversation;
    domain::Standing standing;               ///< of that person
    domain::Seq head = 0;                    ///< of its log
    bool exists = false;                     ///< somebody has written in it, joined it or set it up
    domain::Epoch epoch{};                   ///< of the log as a whole
    std::optional<domain::Member> member{};  ///< to the rule of a join or leave: the one whom it is about
  };
  virtual Async<domain::Result<View>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                           domain::UserId user) = 0;

  /// Decides on the present state, inside the transaction. Runs on: the database's writer thread.
  using Rule = std::function<domain::Result<void>(const View&)>;

  /// Who does it, where, and when; the ids are for the events that it may cause.
  struct Change {
    domain::CompanyId company;
    domain::ConversationKey conversation;
    domain::UserId by;
    domain::Timestamp now;
    domain::Uuid event;
    domain::Uuid second_event;                  ///< for the owner who joins by setting up
    std::function<domain::Uuid()> more_events;  ///< for authors who join by closing. Thread safe.
  };

  using Settings = domain::ConversationSettings;
  using SettingsRule = std::function<domain::Result<domain::Reconfiguration>(const View&, const Settings&)>;

  struct Configured {
    View view;                                           ///< afterwards, as `by` sees it
    bool created = false;                                ///< it had no row
    std::vector<domain::MemberJoined> joined;            ///< `by` as its owner, then authors by their ids
    std::optional<domain::ConversationChanged> changed;  ///< absent: all was so already
    domain::Position position{};
  };
  /// Sets what `rule` (of the view of `by`, whose `alone` is known) makes of `settings`. Where that claims the
  /// conversation, `by` becomes owner; where it closes it, the authors of present comments among the last
  /// domain::kKeptAuthorsWithin updates become members, so that nobody is shut out of where they wrote; but those do
  /// not whose membership somebody else has ended in these updates.
  virtual Async<domain::Result<Configured>> configure(Change change, Settings settings, SettingsRule rule) = 0;

  struct Joined {
    domain::Member member;
    std::optional<domain::MemberJoined> event;  ///< absent: was a member already
    domain::Position position{};
  };
  /// Makes `user` a member, if `rule` (of the view of `change.by`) allows it.
  virtual Async<domain::Result<Joined>> join(Change change, domain::UserId user, Rule rule) = 0;

  struct Left {
    std::optional<domain::MemberLeft> event;  ///< absent: was no member
    domain::Position position{};
  };
  /// Ends the membership of `user`, if `rule` allows it.
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
