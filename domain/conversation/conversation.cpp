#include "domain/conversation/conversation.hpp"

namespace danwa::domain {
namespace {

Errors not_a_member() {
  return forbidden("not-a-member", "conversation", "This conversation is private and you are not a member of it.");
}

bool moderates(const Credential& who, const ConversationKey& key) {
  return who.grants && who.allows(Verb::moderate, key);
}

}  // namespace

std::string_view to_string(Visibility visibility) { return visibility == Visibility::open ? "open" : "private"; }

Result<Visibility> parse_visibility(std::string_view text) {
  if (text == "open") return Visibility::open;
  if (text == "private") return Visibility::restricted;
  return fail(validation_error("visibility-unknown", "visibility", "visibility must be open or private."));
}

std::string_view to_string(MemberRole role) { return role == MemberRole::owner ? "owner" : "member"; }

Result<void> enter(Visibility visibility, const std::optional<MemberRole>& role) {
  if (visibility == Visibility::open || role) return {};
  return fail(not_a_member());
}

Result<void> Conversation::enter(const Membership& membership) const {
  return domain::enter(visibility, membership.role);
}

Result<void> Conversation::admit(const Credential& who, const Membership& membership, const UserId& user) const {
  if (moderates(who, key) || membership.role) return {};
  if (visibility == Visibility::restricted) return fail(not_a_member());
  if (user == who.user) return {};
  return fail(forbidden("not-granted", "userId", "Only a member may let somebody else in."));
}

Result<void> Conversation::dismiss(const Credential& who, const Membership& membership, const UserId& user) const {
  if (moderates(who, key) || membership.role == MemberRole::owner) return {};
  if (auto inside = enter(membership); !inside) return inside;
  if (user == who.user) return {};
  return fail(forbidden("not-an-owner", "userId", "Only an owner may end somebody else's membership."));
}

Result<Reconfiguration> Conversation::configured(const Credential& who, const Membership& membership,
                                                 const ConversationSettings& wanted) const {
  const bool rules = moderates(who, key) || membership.role == MemberRole::owner;
  if (!rules) {
    if (auto inside = enter(membership); !inside) return fail(std::move(inside).error());
    if (membership.has_owner) {
      return fail(forbidden("not-an-owner", "conversation", "Only an owner may change the conversation."));
    }
  }
  Reconfiguration done{.next = *this};
  if (wanted.title) done.next.title = *wanted.title;
  if (wanted.visibility) done.next.visibility = *wanted.visibility;
  const bool may_close = rules || membership.alone;
  if (!may_close && done.next.visibility != visibility) {
    return fail(forbidden("not-an-owner", "visibility",
                          "Others use this conversation and nobody owns it: only a moderator may change who sees it."));
  }
  done.claims = may_close && !membership.has_owner;
  done.becomes_private = visibility == Visibility::open && done.next.visibility == Visibility::restricted;
  done.changes = done.claims || done.next != *this;
  return done;
}

}  // namespace danwa::domain
