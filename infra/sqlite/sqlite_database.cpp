#include "infra/sqlite/sqlite_database.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>

#include "infra/sqlite/database_file.hpp"
#include "infra/sqlite/database_runner.hpp"
#include "infra/sqlite/log_tail.hpp"
#include "infra/sqlite/reader_pool.hpp"
#include "infra/sqlite/rows.hpp"
#include "infra/storage/repositories.hpp"

// Assembles the SQLite database of a node: claim, writer, readers, replica, log tail. The order of the members of
// `SqliteDatabase` is the order of the start, and in reverse that of the end: the claim is kept until nothing uses the
// file any more. The epoch is read here once and renewed by the tail, which goes through the writer, so that a new
// epoch is a change like any other. After the path was replaced by another file, the tail claims that one.

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

class SqliteDatabase final : public storage::Database {
 public:
  SqliteDatabase(SqliteOptions given, adapters::Logger& log, adapters::Metrics& metrics)
      : options_{with_one_name(std::move(given))},
        log_{log},
        metrics_{metrics},
        claim_{prepare_database_file(options_, log).claim},
        writer_{options_, log, metrics},
        master_{options_.master_path, options_, log, metrics.master_reads},
        replica_{options_.replica_path.empty()
                     ? nullptr
                     : std::make_unique<ReaderPool>(options_.replica_path, options_, log, metrics.replica_reads)},
        watch_{replica_ ? std::make_unique<ReplicaWatch>(watch_needs()) : nullptr} {
    set_database(claim_->place().database());
    set_epoch(epoch_of(options_.master_path));
  }
  ~SqliteDatabase() override { stop(); }

  usecase::CommentRepository& comments() override { return comments_; }
  usecase::ConversationRepository& conversations() override { return conversations_; }
  usecase::NotificationRepository& notifications() override { return notifications_; }
  usecase::UpdateLog& log() override { return update_log_; }

  void start_tail(usecase::TailListener& listener) override {
    tail_.emplace(LogTail::Needs{
        .path = options_.master_path,
        .interval = options_.tail_interval,
        .listener = listener,
        .renew = [this](const domain::Epoch& known) { return renew(known); },
        .known = epoch(),
        .reopening = [this] { claim_again(); },
        .epoch_seen = [this](const domain::Epoch& now) { set_epoch(now); },
        .log = log_,
        .metrics = metrics_,
    });
  }

  void stop() override {
    if (stopped_.exchange(true)) return;
    tail_.reset();
    writer_.stop();
    master_.stop();
    if (replica_) replica_->stop();
    log_.info("database.closed", {{"path", options_.master_path}});
  }

  bool healthy() const override {
    return !stopped_ && writer_.healthy() && master_.healthy() && (!tail_ || tail_->healthy());
  }
  std::size_t readers() const override { return options_.readers; }
  std::size_t replicas_serving() const override { return watch_ && watch_->serves() ? 1 : 0; }

 private:
  ReplicaWatch::Needs watch_needs() const {
    return {options_.master_path, options_.replica_path, options_.tail_interval, options_.max_lag, log_};
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
    writer_.submit(std::make_unique<FunctionAction<domain::Epoch, decltype(work), decltype(resume)>>(work, resume));
    return answer.get();
  }

  /// Claims the file at the path if it is another one now. Runs on: the tail's thread.
  void claim_again() {
    if (claim_ && FilePlace::of(options_.master_path).is_same_file(claim_->place())) return;
    claim_.reset();
    claim_ = std::make_unique<FileClaim>(options_.master_path, FileClaim::Use::shared);
    set_database(claim_->place().database());
  }

  const SqliteOptions options_;
  adapters::Logger& log_;
  adapters::Metrics& metrics_;
  std::unique_ptr<FileClaim> claim_;  ///< released after everything that uses the file
  Writer writer_;
  ReaderPool master_;
  std::unique_ptr<ReaderPool> replica_;  ///< null: the master serves its reads
  std::unique_ptr<ReplicaWatch> watch_;  ///< of the replica
  DatabaseRunner runner_{writer_, master_, replica_.get(), watch_.get()};
  storage::Comments<DatabaseRunner> comments_{runner_};
  storage::Conversations<DatabaseRunner> conversations_{runner_};
  storage::Notifications<DatabaseRunner> notifications_{runner_};
  storage::Log<DatabaseRunner> update_log_{runner_};
  std::optional<LogTail> tail_;
  std::atomic<bool> stopped_{false};
};

}  // namespace

std::unique_ptr<storage::Database> open_database(SqliteOptions options, adapters::Logger& log,
                                                 adapters::Metrics& metrics) {
  const std::string path = options.master_path;
  try {
    return std::make_unique<SqliteDatabase>(std::move(options), log, metrics);
  } catch (const SQLite::Exception& failure) {
    throw std::runtime_error{"cannot use the database " + path + ": " + failure.what()};
  }
}

}  // namespace danwa::sqlite
