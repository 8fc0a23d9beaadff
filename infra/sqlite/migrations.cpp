#include "infra/sqlite/migrations.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

#include "infra/sqlite/failpoint.hpp"

// The schema as numbered steps. A step and the new `user_version` are one transaction, so a crash leaves the file at
// exactly one of the numbers. Writers check the number in each transaction, so a node that a newer program has
// overtaken stops writing.

namespace danwa::sqlite {
namespace {

// Designed for few dirty pages per commit. Rows are appended in commit order: updates by position, comments by their
// time-ordered id. Only updates_by_channel changes at random places. It serves the pages of the log and, by its `type`,
// the pages of comments, too; a separate index for comments doubled the bytes that a commit writes. The columns that
// the log tail reads stand before the text.
constexpr const char* kSchema1 = R"sql(
CREATE TABLE meta(
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta(name, value) VALUES('epoch', lower(hex(randomblob(16))));

CREATE TABLE channels(
  id INTEGER PRIMARY KEY,
  head INTEGER NOT NULL,
  last_activity_ms INTEGER NOT NULL,
  activity_minute INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  company TEXT NOT NULL,
  key TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX channels_by_key ON channels(company, kind, key);
CREATE INDEX channels_by_activity ON channels(company, kind, activity_minute);

CREATE TABLE comments(
  id BLOB NOT NULL PRIMARY KEY,
  channel_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  company TEXT NOT NULL,
  author TEXT NOT NULL,
  client_ref TEXT,
  idempotency_key TEXT,
  request_hash TEXT,
  content TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX comments_by_idempotency_key ON comments(company, author, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

CREATE TABLE updates(
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  type INTEGER NOT NULL,
  occurred_ms INTEGER NOT NULL,
  comment_id BLOB NOT NULL,
  author TEXT NOT NULL,
  client_ref TEXT,
  content TEXT
) STRICT;
CREATE UNIQUE INDEX updates_by_channel ON updates(channel_id, seq, type);
CREATE INDEX updates_of_edits ON updates(comment_id) WHERE type = 1;
)sql";

// Conversations with members, and inboxes. Every update has a subject: a comment, a notification, or the event itself.
// Requests are kept only for notifications that came with an Idempotency-Key.
constexpr const char* kSchema2 = R"sql(
ALTER TABLE channels ADD COLUMN title TEXT;
ALTER TABLE channels ADD COLUMN visibility INTEGER NOT NULL DEFAULT 0;

CREATE TABLE members(
  channel_id INTEGER NOT NULL,
  user TEXT NOT NULL,
  role INTEGER NOT NULL,
  joined_ms INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY(channel_id, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_who_own ON members(channel_id) WHERE role = 1;

ALTER TABLE updates RENAME COLUMN comment_id TO subject_id;
ALTER TABLE updates ADD COLUMN about TEXT;

CREATE TABLE notification_requests(
  company TEXT NOT NULL,
  sender TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  notification_id BLOB NOT NULL,
  channel_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY(company, sender, idempotency_key)
) STRICT, WITHOUT ROWID;
)sql";

// Conversations are listed in the order of the log, which does not depend on clocks: `place` is the position of a
// channel's newest update. `place_block` stands for 1,024 places: a channel that is busy among few rarely changes its
// index entry, and a page of the list sorts one block at a time. The renamed column is missing then, so that a program
// of schema 2 cannot write here any more. A removed comment also loses clientRef and request hash.
constexpr const char* kSchema3 = R"sql(
DROP INDEX channels_by_activity;
ALTER TABLE channels RENAME COLUMN activity_minute TO place_block;
ALTER TABLE channels ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
UPDATE channels SET place =
  coalesce((SELECT max(position) FROM updates WHERE channel_id = channels.id AND seq = channels.head), 0);
UPDATE channels SET place_block = place >> 10;
CREATE INDEX channels_by_place ON channels(company, kind, place_block);
UPDATE comments SET client_ref = NULL, request_hash = NULL WHERE removed = 1;
UPDATE updates SET client_ref = NULL WHERE type = 3;
)sql";

// `sole_writer`: the only user who has ever written comments; empty: nobody has; NULL: several have.
constexpr const char* kSchema4 = R"sql(
ALTER TABLE channels ADD COLUMN sole_writer TEXT DEFAULT '';
UPDATE channels SET sole_writer = found.sole FROM (
  SELECT channel_id, CASE WHEN min(author) = max(author) THEN min(author) END AS sole FROM comments GROUP BY channel_id
) AS found WHERE found.channel_id = channels.id;
)sql";

constexpr std::array kSchemas{kSchema1, kSchema2, kSchema3, kSchema4};

void execute_script(Connection& connection, const std::string& sql) {
  char* message = nullptr;
  const int code = sqlite3_exec(connection.handle(), sql.c_str(), nullptr, nullptr, &message);
  sqlite3_free(message);
  if (code != SQLITE_OK) throw SQLite::Exception{connection.handle(), code};
}

void apply(Connection& connection, int version) {
  connection.execute("BEGIN IMMEDIATE");
  execute_script(connection, kSchemas[static_cast<std::size_t>(version - 1)]);
  failpoint("in-migration");
  execute_script(connection, "PRAGMA user_version = " + std::to_string(version));
  connection.execute("COMMIT");
}

void refuse_foreign(Connection& connection, int version) {
  if (version > newest_schema()) throw SchemaNewer{version};
  if (version != 0) return;
  Query tables{connection, "SELECT count(*) FROM sqlite_schema"};
  if (tables.step() && tables.integer(0) > 0) {
    throw std::runtime_error{"the database holds tables of another program"};
  }
}

}  // namespace

SchemaNewer::SchemaNewer(int found)
    : std::runtime_error{"the database has schema " + std::to_string(found) + ", this program knows up to " +
                         std::to_string(newest_schema()) + "; use a newer program"} {}

int newest_schema() { return static_cast<int>(kSchemas.size()); }

int schema_of(Connection& connection) {
  Query query{connection, "PRAGMA user_version"};
  return query.step() ? static_cast<int>(query.integer(0)) : 0;
}

void migrate(Connection& connection) {
  const int found = schema_of(connection);
  refuse_foreign(connection, found);
  for (int version = found + 1; version <= newest_schema(); ++version) apply(connection, version);
}

void require_known_schema(Connection& connection) {
  const int found = schema_of(connection);
  refuse_foreign(connection, found);
  if (found == 0) throw std::runtime_error{"the file holds no database of danwa"};
}

void require_newest_schema(Connection& connection) {
  const int found = schema_of(connection);
  if (found == newest_schema()) return;
  if (found > newest_schema()) throw SchemaNewer{found};
  throw std::runtime_error{"the database has schema " + std::to_string(found) + ", this program needs " +
                           std::to_string(newest_schema())};
}

Connection& opened(std::unique_ptr<Connection>& connection, const std::string& path) {
  if (connection && connection->has_moved()) connection.reset();
  if (!connection) {
    auto fresh = std::make_unique<Connection>(ConnectionOptions{.path = path, .access = Access::read_only});
    require_newest_schema(*fresh);
    connection = std::move(fresh);
  }
  return *connection;
}

}  // namespace danwa::sqlite
