#include "infra/postgres/log_tail.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "infra/postgres/migrations.hpp"

// LogTail: transactions become visible in another order than they get their ids, so reading "rows after the last id"
// would miss the update of a slow transaction. Each update row therefore carries its transaction id, and a poll reads
// from the xmin of the previous snapshot on. All transactions below that xmin had ended when the snapshot was taken, so
// no row can appear below it later. Rows that come twice are recognised by `told_`. Long transactions cost repeated
// reads, not delay.
//
// NOTIFY is no substitute: inside the writing transaction it takes a global lock, and a poll would still be needed
// after every lost connection. One round trip per poll also checks that an update seen before still exists. This
// detects a restore, and a failover to a standby that had not received it.
//
// LogKeeper, further down, creates the monthly partitions of the log and drops old ones.

namespace danwa::postgres {
namespace {

constexpr std::size_t kMostMarks = 4096;  // updates whose existence is checked after a reconnect

constexpr const char* kState =
    "SELECT value, pg_snapshot_xmin(pg_current_snapshot())::text, "
    "pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::text, "
    "coalesce((SELECT u.xid FROM updates u ORDER BY u.xid DESC LIMIT 1), '0')::text, "
    "(SELECT max(version) FROM schema_migrations) FROM meta WHERE name = 'epoch'";

constexpr const char* kGrowth =
    "SELECT c.id, g.head, c.company, c.kind, c.key, "
    "(SELECT u.subject_id FROM updates u WHERE u.channel_id = g.channel_id AND u.seq = g.head LIMIT 1) "
    "FROM (SELECT channel_id, max(seq) AS head FROM updates WHERE xid >= $1::text::xid8 GROUP BY channel_id) g "
    "JOIN channels c ON c.id = g.channel_id";

// Retention may have deleted an update, but it never lowers the head of the channel.
constexpr const char* kGone =
    "SELECT count(*) FROM unnest($1::bigint[], $2::bigint[], $3::uuid[]) AS w(channel_id, seq, subject_id) "
    "WHERE NOT EXISTS (SELECT 1 FROM channels c WHERE c.id = w.channel_id AND c.head >= w.seq) "
    "OR EXISTS (SELECT 1 FROM updates u "
    "WHERE u.channel_id = w.channel_id AND u.seq = w.seq AND u.subject_id <> w.subject_id)";

constexpr const char* kRenewEpoch =
    "UPDATE meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'epoch' AND value = $1";

}  // namespace

LogTail::LogTail(Needs needs, domain::Epoch epoch)
    : needs_{std::move(needs)},
      log_{needs_.log},
      link_{needs_.io,
            needs_.options.master,
            Role::master,
            needs_.options.connect_timeout,
            {.statement = needs_.options.statement_timeout}},
      sleep_{needs_.io},
      epoch_{epoch},
      known_{std::move(epoch)} {
  boost::asio::co_spawn(needs_.io, run(), boost::asio::detached);
}

std::future<void> LogTail::attach(usecase::TailListener& listener) {
  auto begun = ready_.get_future();
  boost::asio::post(needs_.io, [this, &listener] {
    coming_ = &listener;
    sleep_.cut();
  });
  return begun;
}

void LogTail::stop() {
  boost::asio::post(needs_.io, [this] {
    listener_ = coming_ = nullptr;
    sleep_.end();
    link_.stop();
  });
}

usecase::Async<void> LogTail::run() {
  while (!sleep_.ended()) {
    const auto failure = co_await failure_of(look());
    if (!failure) healthy_ = true;
    if (failure && !sleep_.ended()) {
      log_.error("tail.look-failed", {{"reason", failure->what()}});
      healthy_ = false;
      link_.drop();
    }
    co_await sleep_.sleep(needs_.options.tail_interval);
  }
  link_.drop();
}

usecase::Async<void> LogTail::look() {
  const bool anew = !link_.is_open();
  // A listener that attaches during this poll starts with the next one: only a poll that begins after the attachment
  // can promise that every later commit is reported.
  usecase::TailListener* const coming = coming_;
  Connection* connection = co_await link_.connected();
  const auto answers = co_await connection->run(look_script(anew), needs_.options.statement_timeout);
  const Row state = answers.at(1).first();
  needs_.end_seen(state.number(2));
  look_at_schema(static_cast<int>(state.integer(4)));
  if (const auto epoch = state.text(0); epoch != epoch_) start_anew(epoch);
  const bool gone = answers.at(3).first().integer(0) > 0;
  if (gone) co_await renew(*connection);
  const auto growth = take_growth(answers.at(2));
  from_xid_ = state.number(1);
  last_xid_ = state.number(3);
  if (!growth.empty()) needs_.metrics.tail_looks.add();
  if (!growth.empty() && listener_ != nullptr) listener_->on_growth(growth);
  if (listener_ != nullptr) listener_->on_looked(epoch_, std::nullopt);
  if (coming != nullptr && coming == coming_) {
    if (epoch_ != known_) coming->on_epoch(epoch_);  // the epoch has changed since the start of the node
    listener_ = std::exchange(coming_, nullptr);
    ready_.set_value();
  }
}

/// A newer node may have migrated the database. Growth is still reported, but this node is not ready any more.
void LogTail::look_at_schema(int found) {
  if (found <= kNewestSchema || outdated_.exchange(true)) return;
  log_.error("database.schema-newer", {{"reason", Failure::of_schema(found, kNewestSchema).what()}});
}

// After a failover, the new primary may use transaction ids again that the old one gave to transactions which were not
// replicated. It uses none again at or below the ids of updates that it has, so the first poll begins there.
Script LogTail::look_script(bool anew) const {
  const auto from = anew && from_xid_ != kNoXid ? std::min(from_xid_, last_xid_) : from_xid_;
  Script script;
  script.add("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
  script.add(kState);
  script.add(kGrowth, Values{}.add(std::to_string(from)));
  script.add(kGone, marks(anew));
  return script.add("COMMIT");
}

Values LogTail::marks(bool all) const {
  Columns<3> rows;
  std::size_t left = all ? kMostMarks : 1;
  for (const auto& [channel, mark] : told_) {
    if (!all && channel != newest_) continue;
    if (left-- == 0) break;
    rows.add(channel, mark.seq, mark.subject);
  }
  const auto own = needs_.committed();
  if (all && own) rows.add(own->channel, own->seq, own->subject);
  return rows.values();
}

/// Keeps only channels whose head differs from the last report; rows of a long transaction come again at every poll.
LogTail::Growth LogTail::take_growth(const Rows& rows) {
  Growth growth;
  std::unordered_map<std::int64_t, Mark> seen;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row row = rows[n];
    const auto channel = row.integer(0);
    const auto head = row.number(1);
    const auto known = told_.find(channel);
    if (known == told_.end() || known->second.seq != head) {
      growth.push_back({adapters::read_channel_key(row, 2), head});
      newest_ = channel;
    }
    seen.insert_or_assign(channel, Mark{head, row.uuid(5)});
  }
  if (!seen.empty()) told_ = std::move(seen);  // an empty result keeps the marks for the next check
  return growth;
}

/// Several nodes may notice at once. The statement changes only the epoch that this node knows, so one of them renews
/// it and the others adopt the result.
usecase::Async<void> LogTail::renew(Connection& connection) {
  needs_.log.error("tail.log-went-back", {{"host", link_.host()}});
  Script script;
  script.add(kRenewEpoch, Values{}.add(epoch_));
  script.add("SELECT value FROM meta WHERE name = 'epoch'");
  const auto answers = co_await connection.run(script, needs_.options.statement_timeout);
  start_anew(answers.at(1).first().text(0));
}

void LogTail::start_anew(const domain::Epoch& epoch) {
  epoch_ = epoch;
  told_.clear();
  needs_.epoch_seen(epoch);
  if (listener_ != nullptr) listener_->on_epoch(epoch);
}

// LogKeeper: retention runs in steps which may be interrupted and repeated: move the `first_seq` of each channel past
// its old updates, delete the idempotency records of these updates, drop the months that no channel holds any more, and
// delete old rows of the default partition. Writers lock the same channel rows, so each statement takes few of them and
// gives up after a short wait; the next run continues. Whole partitions are dropped, since deleting their rows one by
// one would load the server for long.

namespace {

constexpr std::chrono::hours kEvery{1};
constexpr std::chrono::minutes kLongest{10};  // per statement: a month may be large
constexpr int kFewRows = 1000;                // locked by one statement, so that writers do not wait for long

/// Gives up on a lock rather than delay readers and writers.
constexpr SessionLimits kKeeping{.lock = std::chrono::milliseconds{500}, .reads_whole_tables = true};

constexpr const char* kMakeMonths = "SELECT 0 FROM danwa_make_partitions(3)";

// Start of the month of the youngest update to drop. Everything before this start is dropped.
constexpr const char* kCut =
    "SELECT greatest(0, extract(epoch FROM date_trunc('month', (now() AT TIME ZONE 'UTC') - "
    "make_interval(secs => $1::bigint))) * 1000)::bigint";

// Of each log, only the part at its beginning in which all updates are old. A young update that stands before an old
// one is kept, and so are all after it; a writer's clock that was behind can produce this order. The rows are locked in
// the order that the writers use, which prevents deadlocks.
constexpr const char* kShorten =
    "WITH old AS (SELECT channel_id, max(seq) AS last FROM updates WHERE occurred_ms < $1::bigint GROUP BY "
    "channel_id), "
    "whole AS (SELECT c.id, coalesce((SELECT min(u.seq) - 1 FROM updates u WHERE u.channel_id = c.id AND u.seq BETWEEN "
    "c.first_seq AND old.last AND u.occurred_ms >= $1::bigint), old.last) AS last "
    "FROM old JOIN channels c ON c.id = old.channel_id WHERE c.first_seq <= old.last), "
    "due AS (SELECT c.id, whole.last FROM whole JOIN channels c ON c.id = whole.id WHERE c.first_seq <= whole.last "
    "ORDER BY c.company, c.kind, c.key LIMIT $2::bigint FOR UPDATE OF c), "
    "done AS (UPDATE channels SET first_seq = due.last + 1 FROM due WHERE channels.id = due.id RETURNING 1) "
    "SELECT count(*) FROM done";

// The answer to a retry is built from the update that the first request caused, so the record is useless without it.
constexpr const char* kForgetRequests =
    "WITH gone AS (DELETE FROM notification_requests WHERE ctid = ANY(ARRAY(SELECT r.ctid FROM notification_requests r "
    "JOIN channels c ON c.id = r.channel_id WHERE r.seq < c.first_seq LIMIT $1::bigint)) RETURNING 1) "
    "SELECT count(*) FROM gone";

constexpr const char* kDropMonths = "SELECT danwa_drop_partitions($1::bigint)";

constexpr const char* kDeleteOthers =
    "WITH gone AS (DELETE FROM updates_default WHERE ctid = ANY(ARRAY(SELECT u.ctid FROM updates_default u "
    "JOIN channels c ON c.id = u.channel_id WHERE u.occurred_ms < $1::bigint AND u.seq < c.first_seq "
    "LIMIT $2::bigint)) RETURNING 1) SELECT count(*) FROM gone";

}  // namespace

LogKeeper::LogKeeper(boost::asio::io_context& io, const PostgresOptions& options, adapters::Logger& log)
    : io_{io},
      options_{options},
      log_{log},
      link_{io, options.master, Role::master, options.connect_timeout, kKeeping},
      sleep_{io} {
  boost::asio::co_spawn(io_, run(), boost::asio::detached);
}

void LogKeeper::stop() {
  boost::asio::post(io_, [this] {
    sleep_.end();
    link_.abort("the node is shutting down");
    link_.stop();
  });
}

usecase::Async<void> LogKeeper::run() {
  while (!sleep_.ended()) {
    const auto failure = co_await failure_of(keep());
    if (failure && !sleep_.ended()) log_.error("database.upkeep-failed", {{"reason", failure->what()}});
    link_.drop();  // no session stays open for an hour without use
    co_await sleep_.sleep(kEvery);
  }
}

usecase::Async<void> LogKeeper::keep() {
  co_await ask(kMakeMonths, {});
  if (options_.retention == std::chrono::seconds{0}) co_return;
  const auto cut = co_await ask(kCut, Values{}.add(options_.retention.count()));
  const auto before = Values{}.add(cut);
  const auto channels = co_await shorten_logs(before);
  const auto months = co_await drop(before);
  if (channels + months == 0) co_return;
  log_.plain().info("log.shortened", {{"before_ms", cut}, {"channels", channels}, {"months", months}});
}

usecase::Async<std::uint64_t> LogKeeper::shorten_logs(const Values& cut) {
  std::uint64_t all = 0;
  for (;;) {
    const auto some = co_await ask(kShorten, Values{cut}.add(kFewRows));
    if (some == 0) co_return all;
    all += some;
  }
}

usecase::Async<std::uint64_t> LogKeeper::drop(const Values& cut) {
  while (co_await ask(kForgetRequests, Values{}.add(kFewRows)) != 0) continue;
  const auto months = co_await ask(kDropMonths, cut);
  while (co_await ask(kDeleteOthers, Values{cut}.add(kFewRows)) != 0) continue;
  co_return months;
}

usecase::Async<std::uint64_t> LogKeeper::ask(const char* sql, Values values) {
  Connection* connection = co_await link_.connected();
  Script script;
  script.add(sql, std::move(values));
  const auto answers = co_await connection->run(script, kLongest);
  co_return answers.front().first().number(0);
}

}  // namespace danwa::postgres
