#include "infra/sqlite/log_tail.hpp"

#include <stdexcept>
#include <vector>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/rows.hpp"

// One process writes at a time, and `updates.position` is AUTOINCREMENT, so positions grow in the order of commits and
// are never reused (a plain rowid could be). "All rows after the last position" is therefore complete.
//
// `PRAGMA data_version` changes when another connection commits. While it does not, a poll reads no row, which makes a
// poll every 50 ms nearly free. Rows are read in short transactions, because a long one would keep the write-ahead log
// from starting anew. The row at the last position is read once more with the new ones: it is the proof that the log
// continues the one that was seen before.

namespace danwa::sqlite {
namespace {

constexpr std::int64_t kRowsPerRead = 4096;  // one short transaction each
constexpr std::size_t kMostKeys = 65536;     // cached channel keys; beyond it the cache is emptied

std::int64_t read_data_version(Connection& connection) {
  Query query{connection, "PRAGMA data_version"};
  return query.step() ? query.integer(0) : -1;
}

}  // namespace

LogTail::LogTail(Needs needs) : needs_{std::move(needs)}, log_{needs_.log} {
  connect();
  {
    const ReadTransaction snapshot{*connection_};
    mark_ = read_end();
    epoch_ = read_epoch(*connection_);
  }
  needs_.epoch_seen(epoch_);
  if (epoch_ != needs_.known) needs_.listener.on_epoch(epoch_);
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    while (sleep_for(needs_.interval, stop)) run_once();
  }};
}

void LogTail::run_once() {
  try {
    look();
    healthy_ = true;
    needs_.listener.on_looked(epoch_, static_cast<std::uint64_t>(mark_.position));
  } catch (const std::runtime_error& failure) {  // also SQLite::Exception
    healthy_ = false;
    log_.error("tail.look-failed", {{"reason", failure.what()}});
    connection_.reset();
  }
}

void LogTail::connect() {
  opened(connection_, needs_.path);
  data_version_ = -1;
  keys_.clear();
}

void LogTail::look() {
  if (connection_ && connection_->has_moved()) {
    log_.error("database.replaced", {{"path", needs_.path}});
    connection_.reset();
  }
  if (!connection_) {
    needs_.reopening();
    connect();
  }
  const auto version = read_data_version(*connection_);
  if (version == data_version_) return;
  poll_log();
  data_version_ = version;  // read before the rows, so a later commit is seen by the next poll
}

void LogTail::poll_log() {
  look_at_schema();
  needs_.metrics.tail_looks.add();
  if (const auto now = read_epoch(*connection_); now != epoch_) {
    epoch_ = now;
    start_anew();
    return;
  }
  Look look = Look::more;
  while (look == Look::more) look = read_rows();
  if (look == Look::nothing_more) return;
  log_.error("tail.log-went-back", {{"position", mark_.position}});
  auto renewed = needs_.renew(epoch_);
  if (!renewed) throw std::runtime_error{"the epoch could not be renewed: " + renewed.error().first().code};
  epoch_ = std::move(*renewed);
  start_anew();
}

/// A newer node may have migrated the file. Growth is still reported, but this node is not ready any more.
void LogTail::look_at_schema() {
  const int found = schema_of(*connection_);
  if (found <= newest_schema() || outdated_.exchange(true)) return;
  log_.error("database.schema-newer", {{"reason", SchemaNewer{found}.what()}});
}

/// Reads rows from the last known one on. If that row is gone or another one, the file is an older state of the log.
LogTail::Look LogTail::read_rows() {
  std::unordered_map<std::int64_t, domain::Seq> heads;
  std::int64_t rows = 0;
  {
    Query query{
        *connection_,
        "SELECT position, channel_id, seq, subject_id FROM updates WHERE position >= ? ORDER BY position LIMIT ?"};
    query.bind(mark_.position).bind(kRowsPerRead);
    if (mark_.position > 0) {
      const bool same = query.step() && query.integer(0) == mark_.position && query.number(2) == mark_.seq &&
                        query.uuid(3) == mark_.subject;
      if (!same) return Look::another_log;
      ++rows;
    }
    for (; query.step(); ++rows) {
      mark_ = Mark{query.integer(0), query.uuid(3), query.number(2)};
      auto& head = heads[query.integer(1)];
      head = std::max(head, mark_.seq);
    }
  }
  tell(heads);
  return rows < kRowsPerRead ? Look::nothing_more : Look::more;
}

void LogTail::start_anew() {
  keys_.clear();
  mark_ = read_end();
  needs_.epoch_seen(epoch_);
  needs_.listener.on_epoch(epoch_);
}

LogTail::Mark LogTail::read_end() {
  Query query{*connection_, "SELECT position, subject_id, seq FROM updates ORDER BY position DESC LIMIT 1"};
  return query.step() ? Mark{query.integer(0), query.uuid(1), query.number(2)} : Mark{};
}

/// A channel's key never changes, so it is cached; only an unknown channel costs a query.
std::optional<domain::ChannelKey> LogTail::key_of(std::int64_t channel) {
  if (const auto known = keys_.find(channel); known != keys_.end()) return known->second;
  auto key = channel_key(*connection_, channel);
  if (keys_.size() >= kMostKeys) keys_.clear();
  if (key) keys_.emplace(channel, *key);
  return key;
}

void LogTail::tell(const std::unordered_map<std::int64_t, domain::Seq>& heads) {
  std::vector<usecase::TailListener::Growth> growth;
  growth.reserve(heads.size());
  for (const auto& [channel, head] : heads) {
    if (auto key = key_of(channel)) growth.push_back({std::move(*key), head});
  }
  if (!growth.empty()) needs_.listener.on_growth(growth);
}

}  // namespace danwa::sqlite
