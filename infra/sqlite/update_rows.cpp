#include "infra/sqlite/update_rows.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace danwa::infra {
namespace {

[[noreturn]] void refuse_row(const char* what) { throw SQLite::Exception{what, SQLITE_CORRUPT}; }

}  // namespace

std::int64_t grow_channel(WriteTransaction& transaction, const adapters::NewUpdate& update) {
  const auto place = transaction.channels.next(transaction.connection, update.channel, update.at, update.writer());
  if (place.seq != update.seq) throw std::logic_error{"an update was decided for another seq than the next"};
  return place.channel;
}

void insert_update(WriteTransaction& transaction, std::int64_t channel, const adapters::NewUpdate& update) {
  Query query{transaction.connection,
              "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  query.bind(channel).bind(update.seq).bind(static_cast<std::int64_t>(update.type)).bind(update.at);
  query.bind(update.subject).bind(update.author.value());
  query.bind(update.about).bind(update.client_ref).bind(update.content).run();
  const auto position = transaction.connection.last_insert_id();
  transaction.channels.written(position);
  transaction.last_update = Witness{position, update.subject, update.seq};
}

domain::UpdateBody read_body(const Query& row) { return adapters::read_update_body(row, refuse_row); }

}  // namespace danwa::infra
