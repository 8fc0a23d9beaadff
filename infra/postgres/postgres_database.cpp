#include "infra/postgres/postgres_database.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "infra/postgres/database_runner.hpp"
#include "infra/postgres/log_tail.hpp"
#include "infra/postgres/migrations.hpp"
#include "infra/postgres/reader_pool.hpp"
#include "infra/storage/repositories.hpp"

// Assembles the PostgreSQL database of a node. All connections are coroutines of one thread, so the parts share state
// without locks; only their entrances are thread safe. The schema is migrated before the thread starts, with a blocking
// connection. Reads get further connections only while the writer and the log tail have theirs: on a server with few
// connections, those two matter more. A new epoch is noted everywhere at once, because positions of the old log mean
// nothing in the new one.

namespace danwa::postgres {
namespace {

constexpr std::chrono::seconds kTailStart{20};  // limit of the wait for the first poll

/// The lag at which a replica is left out. It is less than `max_lag`, because time passes between two polls of the
/// replica and of the master.
std::chrono::milliseconds suspicion(const PostgresOptions& options) {
  return std::max(options.max_lag - 2 * options.tail_interval, options.max_lag / 4);
}

domain::LogIdentity prepare(const PostgresOptions& options, adapters::Logger& log) {
  auto result = migrate_postgres(options.master, options.connect_timeout);
  for (const auto& setting : result.unsafe) {
    log.warn("database.not-durable", {{"setting", setting + " = off"}});
  }
  return result.log;
}

class PostgresDatabase final : public storage::Database {
 public:
  PostgresDatabase(PostgresOptions given, adapters::Logger& log, adapters::Metrics& metrics)
      : Database{prepare(given, log)},
        options_{std::move(given)},
        log_{log},
        writer_{io_, options_, log, metrics},
        master_{io_, options_.master, Role::master, options_, log, metrics.master_reads},
        replicas_{io_, options_, trail_, epoch(), log, metrics.replica_reads},
        tail_{tail_needs(metrics), epoch()},
        keeper_{io_, options_, log} {
    master_.grow_only_while([this] { return writer_.committer().connectable() && tail_.healthy(); });
    thread_ = std::thread{[this] { io_.run(); }};
    log.info("database.opened", {{"database", public_name(options_.master)}, {"epoch", epoch()}});
  }
  ~PostgresDatabase() override { stop(); }

  usecase::CommentRepository& comments() override { return comments_; }
  usecase::ConversationRepository& conversations() override { return conversations_; }
  usecase::NotificationRepository& notifications() override { return notifications_; }
  usecase::UpdateLog& log() override { return update_log_; }

  void start_tail(usecase::TailListener& listener) override {
    const auto begun = tail_.attach(listener);
    if (begun.wait_for(kTailStart) != std::future_status::ready) {
      throw std::runtime_error{"the log tail cannot begin: the database " + public_name(options_.master) +
                               " does not answer"};
    }
  }

  void stop() override {
    if (stopped_.exchange(true)) return;
    tail_.stop();
    keeper_.stop();
    writer_.stop();
    master_.stop();
    replicas_.stop();
    work_.reset();
    thread_.join();
    log_.info("database.closed");
  }

  bool healthy() const override {
    return !stopped_ && tail_.healthy() && writer_.committer().healthy() && master_.reachable();
  }
  std::size_t readers() const override { return options_.connections; }
  std::size_t replicas_serving() const override { return replicas_.serving(); }

 private:
  LogTail::Needs tail_needs(adapters::Metrics& metrics) {
    return {.io = io_,
            .options = options_,
            .epoch_seen = [this](const domain::Epoch& now) { begin_epoch(now); },
            .end_seen =
                [this](std::uint64_t end) {
                  trail_.note(end);
                  highest_.saw(end);
                },
            .committed = [this] { return writer_.committer().committed(); },
            .log = log_,
            .metrics = metrics};
  }

  /// Runs on: the io thread.
  void begin_epoch(const domain::Epoch& now) {
    set_epoch(now);
    trail_.forget();
    highest_.forget();
    replicas_.set_epoch(now);
  }

  const PostgresOptions options_;
  adapters::Logger& log_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  storage::MasterTrail trail_{suspicion(options_)};
  usecase::HighestPosition highest_;
  Writer writer_;
  ReaderPool master_;
  ReplicaRotation replicas_;
  LogTail tail_;
  LogKeeper keeper_;
  DatabaseRunner runner_{writer_, master_, replicas_, highest_};
  storage::Comments<DatabaseRunner> comments_{runner_};
  storage::Conversations<DatabaseRunner> conversations_{runner_};
  storage::Notifications<DatabaseRunner> notifications_{runner_};
  storage::Log<DatabaseRunner> update_log_{runner_};
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<storage::Database> open_database(PostgresOptions options, adapters::Logger& log,
                                                 adapters::Metrics& metrics) {
  return std::make_unique<PostgresDatabase>(std::move(options), log, metrics);
}

}  // namespace danwa::postgres
