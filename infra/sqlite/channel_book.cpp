#include "infra/sqlite/channel_book.hpp"

#include <chrono>

#include "infra/sqlite/channel_rows.hpp"
#include "infra/sqlite/query.hpp"

namespace danwa::infra {
namespace {

constexpr std::size_t kMost = 65536;  // entries; the book starts anew then

std::int64_t minute_of(domain::Timestamp time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

}  // namespace

void ChannelBook::begin(Connection& connection) {
  Query query{connection, "PRAGMA data_version"};
  const std::int64_t now = query.step() ? query.integer(0) : -1;
  if (now != data_version_ || entries_.size() >= kMost) forget();
  data_version_ = now;
}

ChannelBook::Known ChannelBook::look(Connection& connection, const domain::ChannelKey& key) {
  return entry_of(connection, key).known;
}

ChannelBook::Place ChannelBook::next(Connection& connection, const domain::ChannelKey& key, domain::Timestamp at) {
  Entry& entry = entry_of(connection, key);
  if (entry.known.channel == 0) insert(connection, key, at, entry);
  ++entry.known.head;
  ++given_;
  entry.last_activity = at;
  if (!entry.dirty) dirty_.push_back(&entry);
  entry.dirty = true;
  return Place{entry.known.channel, entry.known.head};
}

void ChannelBook::keep_visibility(const domain::ChannelKey& key, domain::Visibility visibility) {
  if (const auto found = entries_.find(key); found != entries_.end()) found->second.known.visibility = visibility;
}

ChannelBook::Entry& ChannelBook::entry_of(Connection& connection, const domain::ChannelKey& key) {
  auto found = entries_.find(key);
  if (found == entries_.end()) found = entries_.emplace(key, load(connection, key)).first;
  return found->second;
}

ChannelBook::Entry ChannelBook::load(Connection& connection, const domain::ChannelKey& key) {
  Query query{connection,
              "SELECT id, head, visibility, activity_minute FROM channels WHERE company = ? AND kind = ? AND key = ?"};
  query.bind(key.company.value()).bind(static_cast<std::int64_t>(key.kind)).bind(key.key);
  if (!query.step()) return Entry{};
  return Entry{.known = {query.integer(0), query.number(1), read_visibility(query, 2)}, .minute = query.integer(3)};
}

void ChannelBook::insert(Connection& connection, const domain::ChannelKey& key, domain::Timestamp at, Entry& entry) {
  Query query{connection,
              "INSERT INTO channels(head, last_activity_ms, activity_minute, kind, company, key) "
              "VALUES(0, ?, ?, ?, ?, ?)"};
  query.bind(at).bind(minute_of(at)).bind(static_cast<std::int64_t>(key.kind));
  query.bind(key.company.value()).bind(key.key).run();
  entry.known.channel = connection.last_insert_id();
  entry.minute = minute_of(at);
}

void ChannelBook::flush(Connection& connection) {
  for (Entry* entry : dirty_) write(connection, *entry);
  dirty_.clear();
}

void ChannelBook::write(Connection& connection, Entry& entry) {
  Query query{connection, "UPDATE channels SET head = ?, last_activity_ms = ? WHERE id = ?"};
  query.bind(entry.known.head).bind(entry.last_activity).bind(entry.known.channel).run();
  if (const auto minute = minute_of(entry.last_activity); minute != entry.minute) {
    Query move{connection, "UPDATE channels SET activity_minute = ? WHERE id = ?"};
    move.bind(minute).bind(entry.known.channel).run();
    entry.minute = minute;
  }
  entry.dirty = false;
}

void ChannelBook::forget() {
  entries_.clear();
  dirty_.clear();
}

}  // namespace danwa::infra
