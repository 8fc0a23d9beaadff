#pragma once

namespace danwa::tests {

/// The first schema, as it was, with a conversation of five updates: comment 1, comment 2 (removed), an edit
/// of 1, the removal of 2, comment 3. Never to be changed: such files exist.
inline constexpr const char* kSchema1WithRows = R"sql(
PRAGMA page_size = 2048;
PRAGMA journal_mode = WAL;
CREATE TABLE meta(
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta(name, value) VALUES('epoch', 'feed0123456789abcdeffeed01234567');

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

INSERT INTO channels(id, head, last_activity_ms, activity_minute, kind, company, key)
  VALUES(7, 5, 1700000000005, 28333333, 0, 'acme', 'lobby');

INSERT INTO comments(id, channel_id, seq, version, created_ms, updated_ms, removed, company, author, client_ref,
                     idempotency_key, request_hash, content)
  VALUES(x'00000000000000010000000000000000', 7, 1, 2, 1700000000001, 1700000000003, 0, 'acme', 'ann', 'mark', 'k1', 'hash', 'edited'),
        (x'00000000000000020000000000000000', 7, 2, 1, 1700000000002, 1700000000004, 1, 'acme', 'bob', NULL, NULL, NULL, NULL),
        (x'00000000000000030000000000000000', 7, 5, 1, 1700000000005, 1700000000005, 0, 'acme', 'ann', NULL, NULL, NULL, 'last');

INSERT INTO updates(channel_id, seq, type, occurred_ms, comment_id, author, client_ref, content)
  VALUES(7, 1, 0, 1700000000001, x'00000000000000010000000000000000', 'ann', 'mark', 'hello'),
        (7, 2, 3, 1700000000002, x'00000000000000020000000000000000', 'bob', NULL, NULL),
        (7, 3, 1, 1700000000003, x'00000000000000010000000000000000', 'ann', NULL, 'edited'),
        (7, 4, 2, 1700000000004, x'00000000000000020000000000000000', 'bob', NULL, NULL),
        (7, 5, 0, 1700000000005, x'00000000000000030000000000000000', 'ann', NULL, 'last');
PRAGMA user_version = 1;
)sql";

}  // namespace danwa::tests
