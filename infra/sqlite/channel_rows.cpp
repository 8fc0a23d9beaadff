#include "infra/sqlite/channel_rows.hpp"

#include <sqlite3.h>

namespace danwa::infra {

domain::Epoch read_epoch(Connection& connection) {
  Query query{connection, "SELECT value FROM meta WHERE name = 'epoch'"};
  if (!query.step()) throw SQLite::Exception{"the database has no epoch", SQLITE_CORRUPT};
  return query.text(0);
}

std::optional<ChannelRow> find_channel(Connection& connection, const domain::ChannelKey& channel) {
  Query query{connection, "SELECT id, head FROM channels WHERE company = ? AND kind = ? AND key = ?"};
  query.bind(channel.company.value()).bind(static_cast<std::int64_t>(channel.kind)).bind(channel.key);
  if (!query.step()) return std::nullopt;
  return ChannelRow{query.integer(0), query.number(1)};
}

std::optional<domain::ConversationTitle> read_title(const Query& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return domain::ConversationTitle::trusted(row.text(column));
}

domain::Visibility read_visibility(const Query& row, int column) {
  return row.integer(column) == 0 ? domain::Visibility::open : domain::Visibility::restricted;
}

std::optional<domain::ChannelKey> channel_key(Connection& connection, std::int64_t id) {
  Query query{connection, "SELECT company, kind, key FROM channels WHERE id = ?"};
  if (!query.bind(id).step()) return std::nullopt;
  return domain::ChannelKey{domain::CompanyId::trusted(query.text(0)),
                            static_cast<domain::ChannelKind>(query.integer(1)), query.text(2)};
}

domain::Epoch renew_epoch(Connection& connection, const domain::Epoch& known) {
  Query query{connection, "UPDATE meta SET value = lower(hex(randomblob(16))) WHERE name = 'epoch' AND value = ?"};
  query.bind(known).run();
  return read_epoch(connection);
}

}  // namespace danwa::infra
