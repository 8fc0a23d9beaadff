#include "infra/postgres/room_actions.hpp"

namespace danwa::infra::pg {
namespace {

using domain::MemberRole;
using domain::Result;
using Change = RoomPort::Change;

domain::ChannelKey room_of(const Change& change) {
  return domain::ChannelKey::conversation(change.company, change.conversation);
}

Touches touches_of_change(const Change& change) { return Touches{room_of(change), true}; }

void ask_for_room(BatchFacts& facts, const Change& change) {
  facts.need_owner(room_of(change));
  facts.need_member(room_of(change), change.by);
}

/// The room as who changes it sees it. A row without an update was made a moment ago, as a lock.
RoomPort::View view_of(const BatchFacts& facts, const Change& change) {
  const auto& channel = facts.channel(room_of(change));
  RoomPort::View view{{change.company, change.conversation, channel.title, channel.visibility}, {}};
  if (const auto& member = facts.member(room_of(change), change.by)) view.standing.role = member->role;
  view.standing.has_owner = channel.has_owner;
  view.head = channel.head;
  view.exists = channel.head > 0;
  view.epoch = facts.epoch();
  return view;
}

domain::MemberJoined add_member(BatchRows& rows, const Change& change, const domain::Uuid& event,
                                const domain::UserId& user, MemberRole role) {
  const auto place = rows.next(room_of(change), {.type = UpdateType::member_joined,
                                                 .at = change.now,
                                                 .subject = event,
                                                 .author = change.by,
                                                 .about = &user.value()});
  rows.save_member(place.channel, {user, role, change.now, place.seq});
  return domain::MemberJoined{event, change.company, change.conversation, user, change.by, place.seq, change.now};
}

domain::ConversationChanged change_settings(BatchRows& rows, const Change& change, domain::Conversation next) {
  const std::string visibility{domain::to_string(next.visibility)};
  const auto place = rows.next(room_of(change), {.type = UpdateType::conversation_updated,
                                                 .at = change.now,
                                                 .subject = change.event,
                                                 .author = change.by,
                                                 .about = &visibility,
                                                 .content = next.title ? &next.title->value() : nullptr});
  rows.save_settings(room_of(change), next);
  return domain::ConversationChanged{change.event, std::move(next), change.by, place.seq, change.now};
}

}  // namespace

ConfigureRoom::ConfigureRoom(Change change, RoomPort::Settings settings, RoomPort::SettingsRule rule, Resume resume)
    : AnsweringAction{touches_of_change(change), std::move(resume)},
      change_{std::move(change)},
      settings_{std::move(settings)},
      rule_{std::move(rule)} {}

void ConfigureRoom::ask(BatchFacts& facts) const {
  ask_for_room(facts, change_);
  facts.need_other_members(room_of(change_), change_.by);
  if (settings_.visibility == domain::Visibility::restricted) facts.need_outsiders(room_of(change_));
}

Result<RoomPort::Configured> ConfigureRoom::decision(const BatchFacts& facts, BatchRows& rows) {
  auto view = view_of(facts, change_);
  view.standing.alone = !facts.other_members(room_of(change_), change_.by) &&
                        !facts.channel(room_of(change_)).writers.others_than(change_.by);
  auto decided = rule_(view, settings_);
  if (!decided) return domain::fail(std::move(decided).error());
  RoomPort::Configured done{view, !view.exists, {}, std::nullopt};
  if (!decided->changes) return done;
  if (decided->claims) {
    if (auto joined = make_owner(facts, rows)) done.joined.push_back(std::move(*joined));
  }
  if (decided->closes) keep_authors(facts.outsiders(room_of(change_)), decided->claims, rows, done);
  done.changed = change_settings(rows, change_, decided->next);
  done.view.conversation = std::move(decided->next);
  if (decided->claims) done.view.standing = {MemberRole::owner, true};
  done.view.head = done.changed->seq;
  done.view.exists = true;
  return done;
}

/// Who claims the room was made a member already.
void ConfigureRoom::keep_authors(const std::vector<domain::UserId>& authors, bool claimed, BatchRows& rows,
                                 RoomPort::Configured& done) const {
  for (const auto& author : authors) {
    if (claimed && author == change_.by) continue;
    done.joined.push_back(add_member(rows, change_, change_.more_events(), author, MemberRole::member));
    if (author == change_.by) done.view.standing.role = MemberRole::member;
  }
}

/// Makes who changes the room its owner; tells of it when they were no member yet.
std::optional<domain::MemberJoined> ConfigureRoom::make_owner(const BatchFacts& facts, BatchRows& rows) const {
  const auto& present = facts.member(room_of(change_), change_.by);
  if (!present) return add_member(rows, change_, change_.second_event, change_.by, MemberRole::owner);
  domain::Member owner = *present;
  owner.role = MemberRole::owner;
  rows.save_member(facts.channel(room_of(change_)).id, owner);
  return std::nullopt;
}

JoinRoom::JoinRoom(Change change, domain::UserId user, RoomPort::Rule rule, Resume resume)
    : AnsweringAction{touches_of_change(change), std::move(resume)},
      change_{std::move(change)},
      user_{std::move(user)},
      rule_{std::move(rule)} {}

void JoinRoom::ask(BatchFacts& facts) const {
  ask_for_room(facts, change_);
  facts.need_member(room_of(change_), user_);
}

Result<RoomPort::Joined> JoinRoom::decision(const BatchFacts& facts, BatchRows& rows) {
  auto view = view_of(facts, change_);
  view.member = facts.member(room_of(change_), user_);
  if (auto allowed = rule_(view); !allowed) return domain::fail(std::move(allowed).error());
  if (view.member) return RoomPort::Joined{std::move(*view.member), std::nullopt};
  auto joined = add_member(rows, change_, change_.event, user_, MemberRole::member);
  return RoomPort::Joined{{user_, MemberRole::member, change_.now, joined.seq}, std::move(joined)};
}

LeaveRoom::LeaveRoom(Change change, domain::UserId user, RoomPort::Rule rule, Resume resume)
    : AnsweringAction{touches_of_change(change), std::move(resume)},
      change_{std::move(change)},
      user_{std::move(user)},
      rule_{std::move(rule)} {}

void LeaveRoom::ask(BatchFacts& facts) const {
  ask_for_room(facts, change_);
  facts.need_member(room_of(change_), user_);
}

Result<RoomPort::Left> LeaveRoom::decision(const BatchFacts& facts, BatchRows& rows) {
  auto view = view_of(facts, change_);
  view.member = facts.member(room_of(change_), user_);
  if (auto allowed = rule_(view); !allowed) return domain::fail(std::move(allowed).error());
  if (!view.member) return RoomPort::Left{};
  const auto place = rows.next(room_of(change_), {.type = UpdateType::member_left,
                                                  .at = change_.now,
                                                  .subject = change_.event,
                                                  .author = change_.by,
                                                  .about = &user_.value()});
  rows.delete_member(place.channel, user_);
  return RoomPort::Left{domain::MemberLeft{change_.event, change_.company, change_.conversation, user_, change_.by,
                                           place.seq, change_.now}};
}

}  // namespace danwa::infra::pg
