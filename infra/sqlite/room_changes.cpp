#include "infra/sqlite/room_changes.hpp"

#include "infra/sqlite/room_rows.hpp"
#include "infra/sqlite/update_rows.hpp"

namespace danwa::infra {
namespace {

using domain::fail;
using domain::MemberRole;
using domain::Result;
using Change = RoomPort::Change;

domain::ChannelKey room_of(const Change& change) {
  return domain::ChannelKey::conversation(change.company, change.conversation);
}

/// Takes the next place in the room's log, whose row is made when there is none.
ChannelBook::Place next_place(WriteTransaction& transaction, const Change& change) {
  return transaction.channels.next(transaction.connection, room_of(change), change.now);
}

domain::MemberJoined add_member(WriteTransaction& transaction, const Change& change, const domain::Uuid& event,
                                const domain::UserId& user, MemberRole role) {
  const auto place = next_place(transaction, change);
  save_member(transaction, place.channel, {user, role, change.now, place.seq});
  insert_update(transaction, place,
                {.type = UpdateType::member_joined,
                 .at = change.now,
                 .subject = event,
                 .author = change.by,
                 .about = &user.value()});
  return domain::MemberJoined{event, change.company, change.conversation, user, change.by, place.seq, change.now};
}

/// Makes who changes the room its owner; tells of it when they were no member yet.
std::optional<domain::MemberJoined> make_owner(WriteTransaction& transaction, const Change& change,
                                               std::int64_t channel) {
  auto present = find_member(transaction.connection, channel, change.by);
  if (!present) return add_member(transaction, change, change.second_event, change.by, MemberRole::owner);
  present->role = MemberRole::owner;
  save_member(transaction, channel, *present);
  return std::nullopt;
}

domain::ConversationChanged change_settings(WriteTransaction& transaction, const Change& change,
                                            domain::Conversation next) {
  const auto place = next_place(transaction, change);
  save_settings(transaction, next);
  const std::string visibility{domain::to_string(next.visibility)};
  insert_update(transaction, place,
                {.type = UpdateType::conversation_updated,
                 .at = change.now,
                 .subject = change.event,
                 .author = change.by,
                 .about = &visibility,
                 .content = next.title ? &next.title->value() : nullptr});
  return domain::ConversationChanged{change.event, std::move(next), change.by, place.seq, change.now};
}

}  // namespace

Result<RoomPort::Configured> configure_room(WriteTransaction& transaction, const Change& change,
                                            const RoomPort::Settings& settings, const RoomPort::SettingsRule& rule) {
  Room room = read_room(transaction, room_of(change), change.by);
  room.view.standing.alone = has_for_itself(transaction, room, change.by);
  auto decided = rule(room.view, settings);
  if (!decided) return fail(std::move(decided).error());
  RoomPort::Configured done{room.view, !room.view.exists, {}, std::nullopt};
  if (!decided->changes) return done;
  if (decided->claims) {
    if (auto joined = make_owner(transaction, change, room.channel)) done.joined.push_back(std::move(*joined));
  }
  if (decided->closes) {
    for (const auto& author : authors_outside(transaction, room)) {
      done.joined.push_back(add_member(transaction, change, change.more_events(), author, MemberRole::member));
    }
  }
  done.changed = change_settings(transaction, change, std::move(decided->next));
  done.view = read_room(transaction, room_of(change), change.by).view;
  return done;
}

Result<RoomPort::Joined> join_room(WriteTransaction& transaction, const Change& change, const domain::UserId& user,
                                   const RoomPort::Rule& rule) {
  Room room = read_room(transaction, room_of(change), change.by);
  room.view.member = find_member(transaction.connection, room.channel, user);
  if (auto allowed = rule(room.view); !allowed) return fail(std::move(allowed).error());
  if (room.view.member) return RoomPort::Joined{std::move(*room.view.member), std::nullopt};
  auto joined = add_member(transaction, change, change.event, user, MemberRole::member);
  return RoomPort::Joined{{user, MemberRole::member, change.now, joined.seq}, std::move(joined)};
}

Result<RoomPort::Left> leave_room(WriteTransaction& transaction, const Change& change, const domain::UserId& user,
                                  const RoomPort::Rule& rule) {
  Room room = read_room(transaction, room_of(change), change.by);
  room.view.member = find_member(transaction.connection, room.channel, user);
  if (auto allowed = rule(room.view); !allowed) return fail(std::move(allowed).error());
  if (!room.view.member) return RoomPort::Left{};
  const auto place = next_place(transaction, change);
  delete_member(transaction, room.channel, user);
  insert_update(transaction, place,
                {.type = UpdateType::member_left,
                 .at = change.now,
                 .subject = change.event,
                 .author = change.by,
                 .about = &user.value()});
  return RoomPort::Left{
      domain::MemberLeft{change.event, change.company, change.conversation, user, change.by, place.seq, change.now}};
}

}  // namespace danwa::infra
