#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/conversation/conversation.hpp"

// The rules of all changes of conversations and their members, as pure functions. Each takes the facts that a storage
// has read and the change that a caller asks for. It returns the rows and events to write, or the reason against the
// change. Every storage reads the facts, calls the function and writes the result inside one transaction. None has a
// rule of its own, so all behave alike.
namespace danwa::domain {

/// A conversation as one person sees it, in one snapshot. One without a row is open and has no members.
struct ConversationView {
  Conversation conversation;
  Membership membership;           ///< of that person
  Seq head = 0;                    ///< of its log
  bool exists = false;             ///< it has a row: it was written in, joined or configured
  Epoch epoch{};                   ///< of the log as a whole
  std::optional<Member> member{};  ///< for a join or leave: its subject
};

/// A change of a conversation: its caller, its time, and ids for the events that it may cause.
struct ConversationChange {
  CompanyId company;
  ConversationKey conversation;
  UserId by;
  Timestamp now;
  Uuid event;
  Uuid second_event;                  ///< for the caller, if they join as the owner
  std::function<Uuid()> more_events;  ///< for authors who join because it becomes private. Thread safe.
};

inline ChannelKey channel_of(const ConversationChange& change) {
  return ChannelKey::conversation(change.company, change.conversation);
}

/// Decides on the present state whether the caller may do it.
using MembershipRule = std::function<Result<void>(const ConversationView&)>;
using SettingsRule = std::function<Result<Reconfiguration>(const ConversationView&, const ConversationSettings&)>;

struct ConfigureFacts {
  ConversationView view;        ///< as `change.by` sees it; its `alone` is known
  std::optional<Member> self;   ///< `change.by`, when a member
  std::vector<UserId> authors;  ///< by their ids; empty unless `may_close`: authors of a present comment among the last
                                ///< kKeptAuthorsWithin updates who are not members. Those whose membership another
                                ///< person has ended in these updates are left out.
};

/// Whether the settings may close the conversation, so that its authors must be known.
bool may_close(const Conversation& conversation, const ConversationSettings& settings);

struct ConfigureDecision {
  ConversationView view;                       ///< afterwards, as `change.by` sees it
  bool created = false;                        ///< it had no row
  std::vector<MemberJoined> joined;            ///< in the order of their seqs, which are before that of `changed`
  std::optional<ConversationChanged> changed;  ///< absent: it was so before, and nothing is written
  std::vector<Member> members;                 ///< rows that are new or have another role
};

/// Sets the conversation that `rule` makes of `settings`. If the change claims it, `change.by` becomes a member and
/// then the owner. If it becomes private, its authors become members, so that nobody loses access to a place where they
/// wrote. Errors: those of `rule`.
Result<ConfigureDecision> decide_configure(ConfigureFacts facts, const ConversationChange& change,
                                           const ConversationSettings& settings, const SettingsRule& rule);

struct JoinDecision {
  Member member;
  std::optional<MemberJoined> event;  ///< absent: was a member before, nothing is written
};

/// Makes `user` a member. Errors: those of `rule`.
Result<JoinDecision> decide_join(const ConversationView& view, const ConversationChange& change, const UserId& user,
                                 const MembershipRule& rule);

/// Ends the membership of `user`; nullopt if they are not a member. Errors: those of `rule`.
Result<std::optional<MemberLeft>> decide_leave(const ConversationView& view, const ConversationChange& change,
                                               const UserId& user, const MembershipRule& rule);

}  // namespace danwa::domain
