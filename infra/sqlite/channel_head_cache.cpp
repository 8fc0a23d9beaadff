#include <algorithm>

#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/rows.hpp"
#include "infra/sqlite/write_transaction.hpp"

// A hot channel gets many updates per batch; its row is read once, changed in memory and written once. The cache must
// never be older than the file. The writer holds the write lock, so only a commit of another process between two
// batches can change a row, and `PRAGMA data_version` shows whether there was one. `place_block` is a column of its own
// because it is indexed: the index entry moves once per 1,024 positions, not with every update.

namespace danwa::sqlite {
namespace {

constexpr std::size_t kMost = 65536;  // entries; beyond it the cache starts empty again

std::int64_t block_of(std::int64_t position) { return position >> kPlaceBlockBits; }

}  // namespace

void ChannelHeadCache::begin(Connection& connection) {
  Query query{connection, "PRAGMA data_version"};
  const std::int64_t now = query.step() ? query.integer(0) : -1;
  if (now != data_version_ || entries_.size() >= kMost) forget();
  data_version_ = now;
}

ChannelHeadCache::Known ChannelHeadCache::look(Connection& connection, const domain::ChannelKey& key) {
  return entry_of(connection, key).known;
}

const domain::Writers& ChannelHeadCache::writers(Connection& connection, const domain::ChannelKey& key) {
  return entry_of(connection, key).writers;
}

ChannelHeadCache::Place ChannelHeadCache::next(Connection& connection, const domain::ChannelKey& key,
                                               domain::Timestamp at, const domain::UserId* author) {
  Entry& entry = entry_of(connection, key);
  if (entry.known.channel == 0) insert(connection, key, entry);
  ++entry.known.head;
  ++given_;
  entry.last_activity = std::max(entry.last_activity, at);
  latest_ = &entry;
  if (author != nullptr && entry.writers.add(*author)) entry.writers_dirty = true;
  if (!entry.dirty) dirty_.push_back(&entry);
  entry.dirty = true;
  return Place{entry.known.channel, entry.known.head};
}

void ChannelHeadCache::keep_visibility(const domain::ChannelKey& key, domain::Visibility visibility) {
  if (const auto found = entries_.find(key); found != entries_.end()) found->second.known.visibility = visibility;
}

ChannelHeadCache::Entry& ChannelHeadCache::entry_of(Connection& connection, const domain::ChannelKey& key) {
  auto found = entries_.find(key);
  if (found == entries_.end()) found = entries_.emplace(key, load(connection, key)).first;
  return found->second;
}

ChannelHeadCache::Entry ChannelHeadCache::load(Connection& connection, const domain::ChannelKey& key) {
  Query query{connection,
              "SELECT id, head, visibility, last_activity_ms, place, place_block, sole_writer FROM channels "
              "WHERE company = ? AND kind = ? AND key = ?"};
  query.bind(key.company.value()).bind(static_cast<std::int64_t>(key.kind)).bind(key.key);
  if (!query.step()) return Entry{};
  return Entry{.known = {query.integer(0), query.number(1), adapters::read_visibility(query, 2)},
               .last_activity = query.time(3),
               .position = query.integer(4),
               .block = query.integer(5),
               .writers = domain::Writers::of(query.optional_text(6))};
}

/// Creates the row with head 0; `flush` writes the real values with the other dirty entries.
void ChannelHeadCache::insert(Connection& connection, const domain::ChannelKey& key, Entry& entry) {
  Query query{connection,
              "INSERT INTO channels(head, last_activity_ms, place_block, kind, company, key) VALUES(0, 0, 0, ?, ?, ?)"};
  query.bind(static_cast<std::int64_t>(key.kind)).bind(key.company.value()).bind(key.key).run();
  entry.known.channel = connection.last_insert_id();
}

void ChannelHeadCache::flush(Connection& connection) {
  for (Entry* entry : dirty_) write(connection, *entry);
  dirty_.clear();
}

void ChannelHeadCache::write(Connection& connection, Entry& entry) {
  Query query{connection, "UPDATE channels SET head = ?, last_activity_ms = ?, place = ? WHERE id = ?"};
  query.bind(entry.known.head).bind(entry.last_activity).bind(entry.position).bind(entry.known.channel).run();
  if (const auto block = block_of(entry.position); block != entry.block) {
    Query move{connection, "UPDATE channels SET place_block = ? WHERE id = ?"};
    move.bind(block).bind(entry.known.channel).run();
    entry.block = block;
  }
  if (entry.writers_dirty) {
    Query writers{connection, "UPDATE channels SET sole_writer = ? WHERE id = ?"};
    writers.bind(entry.writers.sole()).bind(entry.known.channel).run();
    entry.writers_dirty = false;
  }
  entry.dirty = false;
}

void ChannelHeadCache::forget() {
  entries_.clear();
  dirty_.clear();
  latest_ = nullptr;
}

}  // namespace danwa::sqlite
