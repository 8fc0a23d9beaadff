#include "infra/sqlite/room_rows.hpp"

#include <algorithm>

#include "infra/sqlite/channel_rows.hpp"

namespace danwa::infra {
namespace {

using domain::MemberRole;
using domain::Visibility;

MemberRole read_role(const Query& row, int column) {
  return row.integer(column) == static_cast<std::int64_t>(MemberRole::owner) ? MemberRole::owner : MemberRole::member;
}

}  // namespace

Room read_room(Connection& connection, const domain::ChannelKey& channel, const domain::UserId& user) {
  Room room{0, {{channel.company, domain::ConversationKey::trusted(channel.key), {}, {}}, {}}};
  Query query{connection,
              "SELECT id, head, title, visibility, "
              "(SELECT role FROM members WHERE channel_id = channels.id AND user = ?), "
              "EXISTS(SELECT 1 FROM members INDEXED BY members_who_own WHERE channel_id = channels.id AND role = 1), "
              "(SELECT value FROM meta WHERE name = 'epoch') "
              "FROM channels WHERE company = ? AND kind = 0 AND key = ?"};
  if (!query.bind(user.value()).bind(channel.company.value()).bind(channel.key).step()) {
    room.view.epoch = read_epoch(connection);
    return room;
  }
  room.channel = query.integer(0);
  room.view.head = query.number(1);
  room.view.conversation.title = read_title(query, 2);
  room.view.conversation.visibility = read_visibility(query, 3);
  if (!query.is_null(4)) room.view.standing.role = read_role(query, 4);
  room.view.standing.has_owner = query.integer(5) != 0;
  room.view.epoch = query.text(6);
  room.view.exists = true;
  return room;
}

Room read_room(WriteTransaction& transaction, const domain::ChannelKey& channel, const domain::UserId& user) {
  Room room = read_room(transaction.connection, channel, user);
  room.view.head = transaction.channels.look(transaction.connection, channel).head;  // may be ahead of its row
  return room;
}

domain::Result<void> enter(WriteTransaction& transaction, const domain::ChannelKey& channel,
                           const domain::UserId& user) {
  const auto known = transaction.channels.look(transaction.connection, channel);
  if (known.visibility == Visibility::open) return {};  // without a look at the members
  const auto member = find_member(transaction.connection, known.channel, user);
  return domain::enter(known.visibility, member ? std::optional{member->role} : std::nullopt);
}

bool has_for_itself(WriteTransaction& transaction, const Room& room, const domain::UserId& user) {
  const domain::Conversation& conversation = room.view.conversation;
  const auto channel = domain::ChannelKey::conversation(conversation.company, conversation.key);
  if (transaction.channels.writers(transaction.connection, channel).others_than(user)) return false;
  Query query{transaction.connection, "SELECT 1 FROM members WHERE channel_id = ? AND user <> ? LIMIT 1"};
  return !query.bind(room.channel).bind(user.value()).step();
}

std::vector<domain::UserId> authors_outside(WriteTransaction& transaction, const Room& room) {
  std::vector<domain::UserId> authors;
  const domain::Seq head = room.view.head;
  const domain::Seq before = head - std::min(head, domain::kKeptAuthorsWithin);
  Query query{
      transaction.connection,
      "SELECT DISTINCT author FROM updates WHERE channel_id = ? AND seq > ? AND type = 0 AND NOT EXISTS "
      "(SELECT 1 FROM members WHERE members.channel_id = updates.channel_id AND user = author) AND author NOT IN "
      "(SELECT about FROM updates WHERE channel_id = ? AND seq > ? AND type = 5 AND about <> author) "
      "ORDER BY author"};
  query.bind(room.channel).bind(before).bind(room.channel).bind(before);
  while (query.step()) authors.push_back(domain::UserId::trusted(query.text(0)));
  return authors;
}

std::optional<domain::Member> find_member(Connection& connection, std::int64_t channel, const domain::UserId& user) {
  Query query{connection, "SELECT user, role, joined_ms, seq FROM members WHERE channel_id = ? AND user = ?"};
  if (!query.bind(channel).bind(user.value()).step()) return std::nullopt;
  return read_member(query);
}

domain::Member read_member(const Query& row) {
  return domain::Member{domain::UserId::trusted(row.text(0)), read_role(row, 1), row.time(2), row.number(3)};
}

void save_member(WriteTransaction& transaction, std::int64_t channel, const domain::Member& member) {
  Query query{transaction.connection,
              "INSERT OR REPLACE INTO members(channel_id, user, role, joined_ms, seq) VALUES(?, ?, ?, ?, ?)"};
  query.bind(channel).bind(member.user.value()).bind(static_cast<std::int64_t>(member.role));
  query.bind(member.joined_at).bind(member.seq).run();
}

void delete_member(WriteTransaction& transaction, std::int64_t channel, const domain::UserId& user) {
  Query query{transaction.connection, "DELETE FROM members WHERE channel_id = ? AND user = ?"};
  query.bind(channel).bind(user.value()).run();
}

void save_settings(WriteTransaction& transaction, const domain::Conversation& conversation) {
  const auto channel = domain::ChannelKey::conversation(conversation.company, conversation.key);
  Query query{transaction.connection, "UPDATE channels SET title = ?, visibility = ? WHERE id = ?"};
  query.bind(conversation.title ? &conversation.title->value() : nullptr);
  query.bind(static_cast<std::int64_t>(conversation.visibility));
  query.bind(transaction.channels.look(transaction.connection, channel).channel).run();
  transaction.channels.keep_visibility(channel, conversation.visibility);
}

}  // namespace danwa::infra
