#include "domain/conversation/decisions.hpp"

namespace danwa::domain {
namespace {

MemberJoined joined(const ConversationChange& change, const Uuid& event, const Member& member) {
  return {event, change.company, change.conversation, member.user, change.by, member.seq, change.now};
}

/// Makes `user` a member under the next seq of the view.
void take_in(const UserId& user, MemberRole role, const Uuid& event, const ConversationChange& change,
             ConfigureDecision& done) {
  done.members.push_back({user, role, change.now, ++done.view.head});
  done.joined.push_back(joined(change, event, done.members.back()));
  if (user == change.by) done.view.membership.role = role;
}

/// A member who becomes the owner keeps the row with its seq, and no update is written for it.
void make_owner(const std::optional<Member>& self, const ConversationChange& change, ConfigureDecision& done) {
  if (self) {
    done.members.push_back({self->user, MemberRole::owner, self->joined_at, self->seq});
  } else {
    take_in(change.by, MemberRole::owner, change.second_event, change, done);
  }
  done.view.membership = {MemberRole::owner, true};
}

}  // namespace

bool may_close(const Conversation& conversation, const ConversationSettings& settings) {
  return conversation.visibility == Visibility::open && settings.visibility == Visibility::restricted;
}

Result<ConfigureDecision> decide_configure(ConfigureFacts facts, const ConversationChange& change,
                                           const ConversationSettings& settings, const SettingsRule& rule) {
  auto decided = rule(facts.view, settings);
  if (!decided) return fail(std::move(decided).error());
  ConfigureDecision done{facts.view, !facts.view.exists, {}, {}, {}};
  if (!decided->changes) return done;
  if (decided->claims) make_owner(facts.self, change, done);
  if (decided->becomes_private) {
    for (const auto& author : facts.authors) {
      if (decided->claims && author == change.by) continue;  // is a member by now
      take_in(author, MemberRole::member, change.more_events(), change, done);
    }
  }
  done.view.conversation = decided->next;
  done.view.exists = true;
  done.changed = {change.event, std::move(decided->next), change.by, ++done.view.head, change.now};
  return done;
}

Result<JoinDecision> decide_join(const ConversationView& view, const ConversationChange& change, const UserId& user,
                                 const MembershipRule& rule) {
  if (auto allowed = rule(view); !allowed) return fail(std::move(allowed).error());
  if (view.member) return JoinDecision{*view.member, std::nullopt};
  Member member{user, MemberRole::member, change.now, view.head + 1};
  auto event = joined(change, change.event, member);
  return JoinDecision{std::move(member), std::move(event)};
}

Result<std::optional<MemberLeft>> decide_leave(const ConversationView& view, const ConversationChange& change,
                                               const UserId& user, const MembershipRule& rule) {
  if (auto allowed = rule(view); !allowed) return fail(std::move(allowed).error());
  if (!view.member) return std::optional<MemberLeft>{};
  return MemberLeft{change.event, change.company, change.conversation, user, change.by, view.head + 1, change.now};
}

}  // namespace danwa::domain
