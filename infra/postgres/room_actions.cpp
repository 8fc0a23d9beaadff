#include "infra/postgres/room_actions.hpp"

namespace danwa::infra::pg {
namespace {

using domain::Result;
using Change = RoomPort::Change;

Touches touches_of_change(const Change& change) { return Touches{channel_of(change), true}; }

void ask_for_room(BatchFacts& facts, const Change& change) {
  facts.need_owner(channel_of(change));
  facts.need_member(channel_of(change), change.by);
}

/// The room as who changes it sees it, and `about`, when it is about somebody. A row without an update was made a
/// moment ago, as a lock.
RoomPort::View view_of(const BatchFacts& facts, const Change& change, const domain::UserId* about = nullptr) {
  const auto& channel = facts.channel(channel_of(change));
  RoomPort::View view{{change.company, change.conversation, channel.title, channel.visibility}, {}};
  if (const auto& member = facts.member(channel_of(change), change.by)) view.standing.role = member->role;
  view.standing.has_owner = channel.has_owner;
  view.head = channel.head;
  view.exists = channel.head > 0;
  view.epoch = facts.epoch();
  if (about != nullptr) view.member = facts.member(channel_of(change), *about);
  return view;
}

}  // namespace

ConfigureRoom::ConfigureRoom(Change change, RoomPort::Settings settings, RoomPort::SettingsRule rule, Resume resume)
    : AnsweringAction{touches_of_change(change), std::move(resume)},
      change_{std::move(change)},
      settings_{std::move(settings)},
      rule_{std::move(rule)} {}

void ConfigureRoom::ask(BatchFacts& facts) const {
  ask_for_room(facts, change_);
  facts.need_other_members(channel_of(change_), change_.by);
  if (settings_.visibility == domain::Visibility::restricted) facts.need_outsiders(channel_of(change_));
}

Result<RoomPort::Configured> ConfigureRoom::decision(const BatchFacts& facts, BatchRows& rows) {
  const auto room = channel_of(change_);
  auto view = view_of(facts, change_);
  view.standing.alone = !facts.other_members(room, change_.by) && !facts.channel(room).writers.others_than(change_.by);
  domain::ConfigureFacts found{std::move(view), facts.member(room, change_.by), {}};
  if (may_close(found.view.conversation, settings_)) found.authors = facts.outsiders(room);
  auto decided = domain::decide_configure(std::move(found), change_, settings_, rule_);
  if (!decided) return domain::fail(std::move(decided).error());
  for (const auto& joined : decided->joined) rows.append(joined);
  if (decided->changed) {
    const auto channel = rows.append(*decided->changed);
    for (const auto& member : decided->members) rows.save_member(channel, member);
    rows.save_settings(room, decided->changed->conversation);
  }
  return RoomPort::Configured{std::move(decided->view), decided->created, std::move(decided->joined),
                              std::move(decided->changed)};
}

JoinRoom::JoinRoom(Change change, domain::UserId user, RoomPort::Rule rule, Resume resume)
    : AnsweringAction{touches_of_change(change), std::move(resume)},
      change_{std::move(change)},
      user_{std::move(user)},
      rule_{std::move(rule)} {}

void JoinRoom::ask(BatchFacts& facts) const {
  ask_for_room(facts, change_);
  facts.need_member(channel_of(change_), user_);
}

Result<RoomPort::Joined> JoinRoom::decision(const BatchFacts& facts, BatchRows& rows) {
  auto decided = domain::decide_join(view_of(facts, change_, &user_), change_, user_, rule_);
  if (!decided) return domain::fail(std::move(decided).error());
  if (decided->event) rows.save_member(rows.append(*decided->event), decided->member);
  return RoomPort::Joined{std::move(decided->member), std::move(decided->event)};
}

LeaveRoom::LeaveRoom(Change change, domain::UserId user, RoomPort::Rule rule, Resume resume)
    : AnsweringAction{touches_of_change(change), std::move(resume)},
      change_{std::move(change)},
      user_{std::move(user)},
      rule_{std::move(rule)} {}

void LeaveRoom::ask(BatchFacts& facts) const {
  ask_for_room(facts, change_);
  facts.need_member(channel_of(change_), user_);
}

Result<RoomPort::Left> LeaveRoom::decision(const BatchFacts& facts, BatchRows& rows) {
  auto decided = domain::decide_leave(view_of(facts, change_, &user_), change_, user_, rule_);
  if (!decided) return domain::fail(std::move(decided).error());
  if (*decided) rows.delete_member(rows.append(**decided), user_);
  return RoomPort::Left{std::move(*decided)};
}

}  // namespace danwa::infra::pg
