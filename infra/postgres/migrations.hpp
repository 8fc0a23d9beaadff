#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "domain/channel/cursor.hpp"

namespace danwa::postgres {

// Texts are compared byte by byte (COLLATE "C"), as everywhere else in danwa. A channel's row changes with every update
// and has space to do so in its page. `updates` is cut by month, so that old months can be dropped as a whole. A row of
// a month without a partition goes to the default partition, so that no insert can fail for it. A channel's log begins
// at `first_seq`, even if rows below it still exist; a month that holds rows at or above a `first_seq` is not dropped.
// `xid` is the transaction that wrote the row; by it the log tail finds rows that an earlier poll may have missed. A
// removed comment's `added` row becomes type 3 (see adapters/persistence/rows.hpp).
inline constexpr const char* kSchema1 = R"sql(
CREATE TABLE meta(
  name text COLLATE "C" PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);
INSERT INTO meta(name, value) VALUES('epoch', replace(gen_random_uuid()::text, '-', ''));

CREATE TABLE channels(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  head bigint NOT NULL DEFAULT 0,
  first_seq bigint NOT NULL DEFAULT 1,
  last_activity_ms bigint NOT NULL DEFAULT 0,
  activity_minute bigint NOT NULL DEFAULT 0,
  kind smallint NOT NULL,
  visibility smallint NOT NULL DEFAULT 0,
  company text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  title text COLLATE "C"
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX channels_by_key ON channels(company, kind, key);
CREATE INDEX channels_by_activity ON channels(company, kind, activity_minute);

CREATE TABLE comments(
  id uuid PRIMARY KEY,
  channel_id bigint NOT NULL,
  seq bigint NOT NULL,
  version bigint NOT NULL,
  created_ms bigint NOT NULL,
  updated_ms bigint NOT NULL,
  removed boolean NOT NULL DEFAULT false,
  company text COLLATE "C" NOT NULL,
  author text COLLATE "C" NOT NULL,
  client_ref text COLLATE "C",
  idempotency_key text COLLATE "C",
  request_hash text COLLATE "C",
  content text COLLATE "C"
);
CREATE UNIQUE INDEX comments_by_idempotency_key ON comments(company, author, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

CREATE TABLE members(
  channel_id bigint NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  role smallint NOT NULL,
  joined_ms bigint NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY(channel_id, user_id)
);
CREATE INDEX members_who_own ON members(channel_id) WHERE role = 1;

CREATE TABLE notification_requests(
  company text COLLATE "C" NOT NULL,
  sender text COLLATE "C" NOT NULL,
  idempotency_key text COLLATE "C" NOT NULL,
  request_hash text COLLATE "C" NOT NULL,
  notification_id uuid NOT NULL,
  channel_id bigint NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY(company, sender, idempotency_key)
);

CREATE TABLE updates(
  channel_id bigint NOT NULL,
  seq bigint NOT NULL,
  occurred_ms bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  subject_id uuid NOT NULL,
  type smallint NOT NULL,
  author text COLLATE "C" NOT NULL,
  about text COLLATE "C",
  client_ref text COLLATE "C",
  content text COLLATE "C"
) PARTITION BY RANGE (occurred_ms);
CREATE INDEX updates_by_channel ON updates(channel_id, seq);
CREATE INDEX updates_by_xid ON updates(xid);
CREATE INDEX updates_of_edits ON updates(subject_id) WHERE type = 1;
CREATE TABLE updates_default PARTITION OF updates DEFAULT;

CREATE FUNCTION danwa_make_partitions(months integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  start timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(7233120);
  FOR n IN 0..months LOOP
    name := 'updates_' || to_char(start, 'YYYY_MM');
    IF to_regclass(name) IS NULL THEN
      BEGIN
        EXECUTE format('CREATE TABLE %I PARTITION OF updates FOR VALUES FROM (%s) TO (%s)', name,
          (extract(epoch FROM start) * 1000)::bigint, (extract(epoch FROM start + interval '1 month') * 1000)::bigint);
      EXCEPTION WHEN check_violation THEN
        NULL;  -- a clock was ahead: the month's updates are in the default partition, and stay there
      END;
    END IF;
    start := start + interval '1 month';
  END LOOP;
END $$;

CREATE FUNCTION danwa_drop_partitions(before bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  month text;
  held boolean;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7233120);
  FOR month IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'updates'::regclass AND c.relname ~ '^updates_[0-9]{4}_[0-9]{2}$'
    AND extract(epoch FROM to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') * 1000 <= before LOOP
    EXECUTE format('SELECT EXISTS(SELECT 1 FROM %I u JOIN channels c ON c.id = u.channel_id WHERE u.seq >= c.first_seq)',
      month) INTO held;
    IF NOT held THEN
      EXECUTE format('DROP TABLE %I', month);
      dropped := dropped + 1;
    END IF;
  END LOOP;
  RETURN dropped;
END $$;
)sql";

// Conversations are listed in an order that does not depend on clocks: a channel gets a new, higher `place` with every
// update. `place_block` stands for 1,024 places and is what the index holds: a channel that is busy among few rarely
// changes its index entry, and a page of the list sorts one block at a time. The old column is dropped, so that a
// program of schema 1 cannot write here any more. Rows without an update are left from changes that were rejected. A
// removed comment also loses clientRef and request hash.
inline constexpr const char* kSchema2 = R"sql(
DELETE FROM channels WHERE head = 0;
ALTER TABLE channels DROP COLUMN activity_minute;
ALTER TABLE channels ADD COLUMN place bigint NOT NULL DEFAULT 0, ADD COLUMN place_block bigint NOT NULL DEFAULT 0;
UPDATE channels SET place = w.place, place_block = w.place >> 10
  FROM (SELECT c.id, row_number() OVER (ORDER BY u.xid NULLS FIRST, c.last_activity_ms, c.id) AS place
    FROM channels c LEFT JOIN updates u ON u.channel_id = c.id AND u.seq = c.head) w
  WHERE channels.id = w.id;
CREATE SEQUENCE channel_places;
SELECT setval('channel_places', greatest(max(place), 1)) FROM channels;
CREATE INDEX channels_by_place ON channels(company, kind, place_block);
UPDATE comments SET client_ref = NULL, request_hash = NULL WHERE removed;
UPDATE updates SET client_ref = NULL WHERE type = 3;
)sql";

// `sole_writer`: the only user who has ever written comments; empty: nobody has; NULL: several have.
inline constexpr const char* kSchema3 = R"sql(
ALTER TABLE channels ADD COLUMN sole_writer text COLLATE "C" DEFAULT '';
UPDATE channels SET sole_writer = found.sole FROM (
  SELECT channel_id, CASE WHEN min(author) = max(author) THEN min(author) END AS sole FROM comments GROUP BY channel_id
) AS found WHERE found.channel_id = channels.id;
)sql";

inline constexpr std::array kSchemas{kSchema1, kSchema2, kSchema3};
inline constexpr int kNewestSchema = static_cast<int>(kSchemas.size());

struct MigrationResult {
  int before = 0;  ///< version of the schema that was found; 0: none
  int after = 0;   ///< the newest version that this program knows
  domain::LogIdentity log;

  /// Settings of the server that are off, so that a power cut would lose acknowledged comments.
  std::vector<std::string> unsafe;
};

/// Brings the database at `url` to the newest schema, on that of its hosts which accepts writes: one transaction per
/// step, under a lock that admits one node at a time. Creates the partitions of the coming months. A database that was
/// restored from a dump gets a new epoch. Blocks, for at most `connect_timeout` per host and 30 s for the lock. Throws
/// std::runtime_error with one clear sentence if the server is unreachable or too old, or if the database has a newer
/// schema, belongs to another program, is behind a pooler that shares sessions, or does not use UTF-8.
MigrationResult migrate_postgres(const std::string& url,
                                 std::chrono::milliseconds connect_timeout = std::chrono::milliseconds{2000});

}  // namespace danwa::postgres
