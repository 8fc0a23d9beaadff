#include "infra/sqlite/sqlite_database.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "infra/sqlite/database_file.hpp"
#include "infra/sqlite/database_runner.hpp"
#include "infra/sqlite/log_tail.hpp"
#include "infra/sqlite/reader_pool.hpp"
#include "infra/sqlite/rows.hpp"
#include "infra/sqlite/sqlite_repositories.hpp"

// Assembles the SQLite database of a node: claim, writer, readers, replica, log tail. The order of the members of
// `Parts` is the order of the start, and in reverse that of the end: the claim is kept until nothing uses the file any
// more. The epoch is read here once and renewed by the tail, which goes through the writer, so that a new epoch is a
// change like any other. After the path was replaced by another file, the tail claims that one.

namespace danwa::sqlite {
namespace {

SqliteOptions with_one_name(SqliteOptions options) {
  if (options.master_path.empty()) throw std::runtime_error{"the path of the database is empty"};
  try {
    options.master_path = canonical_path(options.master_path);
  } catch (const std::runtime_error& failure) {
    throw std::runtime_error{"cannot use the database " + options.master_path + ": " + failure.what()};
  }
  if (!options.replica_path.empty()) options.replica_path = canonical_path(options.replica_path);
  if (options.replica_path == options.master_path) options.replica_path.clear();
  return options;
}

domain::Epoch epoch_of(const std::string& path) {
  Connection connection{{.path = path, .access = Access::read_only}};
  return read_epoch(connection);
}

}  // namespace

struct SqliteDatabase::Parts {
  Parts(SqliteOptions given, adapters::Logger& logger, adapters::Metrics& figures)
      : options{with_one_name(std::move(given))},
        log{logger},
        metrics{figures},
        claim{prepare_database_file(options, logger).claim},
        now{claim->place().database(), epoch_of(options.master_path)},
        writer{options, logger, figures},
        master{options.master_path, options, logger},
        replica{options.replica_path.empty() ? nullptr
                                             : std::make_unique<ReaderPool>(options.replica_path, options, logger)},
        watch{replica ? std::make_unique<ReplicaWatch>(watch_needs()) : nullptr} {}

  ReplicaWatch::Needs watch_needs() const {
    return {options.master_path, options.replica_path, options.tail_interval, options.max_lag, log};
  }

  /// Gives the log a new epoch through the writer. Runs on: the tail's thread, which waits.
  domain::Result<domain::Epoch> renew(const domain::Epoch& known) {
    using Answer = domain::Result<domain::Epoch>;
    auto answered = std::make_shared<std::promise<Answer>>();
    auto answer = answered->get_future();
    auto work = [known](WriteTransaction& t) -> Answer {
      t.epoch = renew_epoch(t.connection, known);
      return *t.epoch;
    };
    auto resume = [answered](Answer result) { answered->set_value(std::move(result)); };
    writer.submit(std::make_unique<FunctionAction<domain::Epoch, decltype(work), decltype(resume)>>(work, resume));
    return answer.get();
  }

  void set_epoch(const domain::Epoch& epoch) {
    const std::scoped_lock lock{mutex};
    now.epoch = epoch;
  }

  /// Claims the file at the path if it is another one now. Runs on: the tail's thread.
  void claim_again() {
    if (claim && FilePlace::of(options.master_path).is_same_file(claim->place())) return;
    claim.reset();
    claim = std::make_unique<FileClaim>(options.master_path, FileClaim::Use::shared);
    const std::scoped_lock lock{mutex};
    now.database = claim->place().database();
  }

  domain::LogIdentity identity() const {
    const std::scoped_lock lock{mutex};
    return now;
  }

  SqliteOptions options;
  adapters::Logger& log;
  adapters::Metrics& metrics;
  std::unique_ptr<FileClaim> claim;  ///< released after everything that uses the file
  mutable std::mutex mutex;          // guards `now`: set by the tail, read by any thread
  domain::LogIdentity now;
  Writer writer;
  ReaderPool master;
  std::unique_ptr<ReaderPool> replica;  ///< null: the master serves its reads
  std::unique_ptr<ReplicaWatch> watch;  ///< of the replica
  DatabaseRunner runner{writer, master, replica.get(), watch.get()};
  SqliteCommentRepository comments{runner};
  SqliteConversationRepository conversations{runner};
  storage::Notifications<DatabaseRunner> notifications{runner};
  SqliteUpdateLog update_log{runner};
  std::optional<LogTail> tail;
  std::atomic<bool> stopped{false};
};

SqliteDatabase::SqliteDatabase(SqliteOptions options, adapters::Logger& log, adapters::Metrics& metrics,
                               usecase::Clock& /*clock*/) {
  const std::string path = options.master_path;
  try {
    parts_ = std::make_unique<Parts>(std::move(options), log, metrics);
  } catch (const SQLite::Exception& failure) {
    throw std::runtime_error{"cannot use the database " + path + ": " + failure.what()};
  }
}

SqliteDatabase::~SqliteDatabase() { stop(); }

storage::Database::Ports SqliteDatabase::ports() {
  return {parts_->comments, parts_->conversations, parts_->notifications, parts_->update_log};
}

domain::LogIdentity SqliteDatabase::identity() const { return parts_->identity(); }

void SqliteDatabase::start_tail(usecase::TailListener& listener) {
  Parts& parts = *parts_;
  parts.tail.emplace(LogTail::Needs{
      .path = parts.options.master_path,
      .interval = parts.options.tail_interval,
      .listener = listener,
      .renew = [&parts](const domain::Epoch& known) { return parts.renew(known); },
      .known = epoch(),
      .reopening = [&parts] { parts.claim_again(); },
      .epoch_seen = [&parts](const domain::Epoch& now) { parts.set_epoch(now); },
      .log = parts.log,
      .metrics = parts.metrics,
  });
}

void SqliteDatabase::stop() {
  if (parts_->stopped.exchange(true)) return;
  parts_->tail.reset();
  parts_->writer.stop();
  parts_->master.stop();
  if (parts_->replica) parts_->replica->stop();
  parts_->log.info("database.closed", {{"path", parts_->options.master_path}});
}

std::size_t SqliteDatabase::readers() const { return parts_->options.readers; }

bool SqliteDatabase::healthy() const {
  const Parts& parts = *parts_;
  return !parts.stopped && parts.writer.healthy() && parts.master.healthy() && (!parts.tail || parts.tail->healthy());
}

std::size_t SqliteDatabase::replicas_serving() const { return parts_->watch && parts_->watch->serves() ? 1 : 0; }

}  // namespace danwa::sqlite
