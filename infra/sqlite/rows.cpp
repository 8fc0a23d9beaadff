#include "infra/sqlite/rows.hpp"

#include <sqlite3.h>

namespace danwa::sqlite {
namespace {

using adapters::kSql;
using domain::ChannelKind;
using domain::MemberRole;

}  // namespace

domain::Epoch read_epoch(Connection& connection) {
  Query query{connection, "SELECT value FROM meta WHERE name = 'epoch'"};
  if (!query.step()) throw SQLite::Exception{"the database has no epoch", SQLITE_CORRUPT};
  return query.text(0);
}

std::uint64_t newest_position(Connection& connection) {
  Query query{connection, "SELECT max(position) FROM updates"};
  return query.step() ? query.number(0) : 0;
}

domain::Position read_position(Connection& connection) { return {read_epoch(connection), newest_position(connection)}; }

std::optional<ChannelRow> find_channel(Connection& connection, const domain::ChannelKey& channel) {
  Query query{connection, "SELECT id, head FROM channels WHERE company = ? AND kind = ? AND key = ?"};
  query.bind(channel.company.value()).bind(static_cast<std::int64_t>(channel.kind)).bind(channel.key);
  if (!query.step()) return std::nullopt;
  return ChannelRow{query.integer(0), query.number(1)};
}

domain::ConversationView read_view(Connection& connection, const domain::ChannelKey& channel,
                                   const domain::UserId& user) {
  Query query{
      connection,
      kSql<"SELECT head, title, visibility, "
           "(SELECT role FROM members WHERE channel_id = channels.id AND user = ?), "
           "EXISTS(SELECT 1 FROM members INDEXED BY members_who_own WHERE channel_id = channels.id AND role = #), "
           "(SELECT value FROM meta WHERE name = 'epoch') "
           "FROM channels WHERE company = ? AND kind = # AND key = ?",
           MemberRole::owner, ChannelKind::conversation>};
  const bool there = query.bind(user.value()).bind(channel.company.value()).bind(channel.key).step();
  auto view = there ? adapters::read_view(query, channel) : adapters::no_view(channel);
  view.epoch = there ? query.text(5) : read_epoch(connection);
  return view;
}

std::optional<domain::Comment> find_comment(Connection& connection, const domain::CompanyId& company,
                                            const domain::CommentId& id) {
  Query query{connection,
              "SELECT channels.key, comments.id, author, content, client_ref, seq, version, created_ms, updated_ms "
              "FROM comments JOIN channels ON channels.id = channel_id "
              "WHERE comments.id = ? AND comments.company = ? AND removed = 0"};
  if (!query.bind(id.value).bind(company.value()).step()) return std::nullopt;
  return adapters::read_comment(query, company);
}

std::optional<domain::ChannelKey> channel_key(Connection& connection, std::int64_t id) {
  Query query{connection, "SELECT company, kind, key FROM channels WHERE id = ?"};
  if (!query.bind(id).step()) return std::nullopt;
  return adapters::read_channel_key(query);
}

domain::Epoch renew_epoch(Connection& connection, const domain::Epoch& known) {
  Query query{connection, "UPDATE meta SET value = lower(hex(randomblob(16))) WHERE name = 'epoch' AND value = ?"};
  query.bind(known).run();
  return read_epoch(connection);
}

}  // namespace danwa::sqlite
