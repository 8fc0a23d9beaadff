#include "infra/sqlite/update_rows.hpp"

#include <sqlite3.h>

namespace danwa::infra {
namespace {

[[noreturn]] void refuse_row(const char* what) { throw SQLite::Exception{what, SQLITE_CORRUPT}; }

}  // namespace

void insert_update(WriteTransaction& transaction, const ChannelBook::Place& place, const NewUpdate& update) {
  Query query{transaction.connection,
              "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  query.bind(place.channel).bind(place.seq).bind(static_cast<std::int64_t>(update.type)).bind(update.at);
  query.bind(update.subject).bind(update.author.value());
  query.bind(update.about).bind(update.client_ref).bind(update.content).run();
  const auto position = transaction.connection.last_insert_id();
  transaction.channels.written(position);
  transaction.last_update = Witness{position, update.subject, place.seq};
}

domain::UpdateBody read_body(const Query& row) { return adapters::read_update_body(row, refuse_row); }

}  // namespace danwa::infra
