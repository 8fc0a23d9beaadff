#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/conversation/conversation.hpp"

// The rules of all changes of conversations and their members, as pure functions: from a view that was read, and from
// the change that somebody asks for, to rows and events, or to the reason against it. Every storage reads the facts,
// calls the function and writes the answer inside one transaction; none has a rule of its own.
namespace danwa::domain {

/// A conversation as one person sees it, in one snapshot. One without a row is open and has no members.
struct ConversationView {
  Conversation conversation;
  Membership membership;           ///< of that person
  Seq head = 0;                    ///< of its log
  bool exists = false;             ///< somebody has written in it, joined it or set it up
  Epoch epoch{};                   ///< of the log as a whole
  std::optional<Member> member{};  ///< for a join or leave: the one whom it is about
};

/// Who changes which conversation, and when; the ids are for the events that it may cause.
struct ConversationChange {
  CompanyId company;
  ConversationKey conversation;
  UserId by;
  Timestamp now;
  Uuid event;
  Uuid second_event;                  ///< for the owner who joins by setting up
  std::function<Uuid()> more_events;  ///< for authors who join by closing. Thread safe.
};

inline ChannelKey channel_of(const ConversationChange& change) {
  return ChannelKey::conversation(change.company, change.conversation);
}

/// Whether the caller may do it, on the present state.
using MembershipRule = std::function<Result<void>(const ConversationView&)>;
using SettingsRule = std::function<Result<Reconfiguration>(const ConversationView&, const ConversationSettings&)>;

struct ConfigureFacts {
  ConversationView view;        ///< as `change.by` sees it; its `alone` is known
  std::optional<Member> self;   ///< `change.by`, when a member
  std::vector<UserId> authors;  ///< by their ids; empty unless `may_close`: those of a comment that is present, among
                                ///< the last kKeptAuthorsWithin updates, who are no members; without those whose
                                ///< membership somebody else has ended in these updates
};

/// Whether the settings may close the conversation, so that its authors must be known.
bool may_close(const Conversation& conversation, const ConversationSettings& settings);

struct ConfigureDecision {
  ConversationView view;                       ///< afterwards, as `change.by` sees it
  bool created = false;                        ///< it had no row
  std::vector<MemberJoined> joined;            ///< in the order of their seqs, which are before that of `changed`
  std::optional<ConversationChanged> changed;  ///< absent: all was so already, and nothing is to be written
  std::vector<Member> members;                 ///< rows that are new or have another role
};

/// Sets what `rule` makes of `settings`. Where that claims the conversation, `change.by` becomes its owner, and a
/// member before. Where it closes it, its authors become members, so that nobody is shut out of where they wrote.
/// Errors: those of `rule`.
Result<ConfigureDecision> decide_configure(ConfigureFacts facts, const ConversationChange& change,
                                           const ConversationSettings& settings, const SettingsRule& rule);

struct JoinDecision {
  Member member;
  std::optional<MemberJoined> event;  ///< absent: was a member already, and stays as they were
};

/// Makes `user` a member. Errors: those of `rule`.
Result<JoinDecision> decide_join(const ConversationView& view, const ConversationChange& change, const UserId& user,
                                 const MembershipRule& rule);

/// Ends the membership of `user`; nothing when they are no member. Errors: those of `rule`.
Result<std::optional<MemberLeft>> decide_leave(const ConversationView& view, const ConversationChange& change,
                                               const UserId& user, const MembershipRule& rule);

}  // namespace danwa::domain
