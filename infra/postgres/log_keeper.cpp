#include "infra/postgres/log_keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

// Retention runs in steps which may be interrupted and repeated: move the `first_seq` of each channel past its old
// updates, delete the idempotency records of these updates, drop the months that no channel holds any more, and delete
// old rows of the default partition. Writers lock the same channel rows, so each statement takes few of them and gives
// up after a short wait; the next run continues. Whole partitions are dropped, since deleting their rows one by one
// would load the server for long.

namespace danwa::infra::pg {
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
      link_{io, {targets_of(options.master, Role::master), options.connect_timeout, kKeeping}},
      nap_{io} {
  boost::asio::co_spawn(io_, run(), boost::asio::detached);
}

void LogKeeper::stop() {
  boost::asio::post(io_, [this] {
    nap_.end();
    link_.abort("the node is shutting down");
    link_.stop();
  });
}

usecase::Async<void> LogKeeper::run() {
  while (!nap_.ended()) {
    std::string fault;
    try {
      co_await keep();
    } catch (const std::exception& failure) {  // also Failure
      fault = failure.what();
    }
    if (!fault.empty() && !nap_.ended()) log_.error("database.upkeep-failed", {{"reason", fault}});
    link_.drop();  // no session stays open for an hour without use
    co_await nap_.sleep(kEvery);
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

}  // namespace danwa::infra::pg
