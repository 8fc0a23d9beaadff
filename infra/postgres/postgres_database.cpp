#include "infra/postgres/postgres_database.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "infra/postgres/log_tail.hpp"
#include "infra/postgres/migrations.hpp"
#include "infra/postgres/postgres_repositories.hpp"
#include "infra/postgres/reader_pool.hpp"

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

}  // namespace

struct PostgresDatabase::Parts {
  Parts(PostgresOptions given, adapters::Logger& logger, adapters::Metrics& metrics)
      : options{std::move(given)},
        log{logger},
        identity{prepare().log},
        writer{io, options, logger, metrics},
        master{io, options.master, Role::master, options, logger},
        replicas{io, options, trail, identity.epoch, logger},
        tail{tail_needs(metrics), identity.epoch},
        keeper{io, options, logger} {
    master.grow_only_while([this] { return writer.connectable() && tail.healthy(); });
    thread = std::thread{[this] { io.run(); }};
  }

  MigrationResult prepare() const {
    auto result = migrate_postgres(options.master, options.connect_timeout);
    for (const auto& setting : result.unsafe) {
      log.warn("database.not-durable", {{"setting", setting + " = off"}});
    }
    return result;
  }

  LogTail::Needs tail_needs(adapters::Metrics& metrics) {
    return {.io = io,
            .options = options,
            .epoch_seen = [this](const domain::Epoch& now) { set_epoch(now); },
            .end_seen =
                [this](std::uint64_t end) {
                  trail.note(end);
                  highest.saw(end);
                },
            .committed = [this] { return writer.committed(); },
            .log = log,
            .metrics = metrics};
  }

  /// Runs on: the io thread.
  void set_epoch(const domain::Epoch& now) {
    {
      const std::scoped_lock lock{mutex};
      identity.epoch = now;
    }
    trail.forget();
    highest.forget();
    replicas.set_epoch(now);
  }

  const PostgresOptions options;
  adapters::Logger& log;
  mutable std::mutex mutex;  // guards `identity`: the tail sets its epoch, any thread reads it
  domain::LogIdentity identity;
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  MasterTrail trail{suspicion(options)};
  usecase::HighestPosition highest;
  Writer writer;
  ReaderPool master;
  ReplicaRotation replicas;
  LogTail tail;
  LogKeeper keeper;
  DatabaseRunner runner{writer, master, replicas, highest};
  PostgresCommentRepository comments{runner};
  PostgresConversationRepository conversations{runner};
  storage::Notifications<DatabaseRunner> notifications{runner};
  PostgresUpdateLog update_log{runner};
  std::atomic<bool> stopped{false};
  std::thread thread;
};

PostgresDatabase::PostgresDatabase(PostgresOptions options, adapters::Logger& log, adapters::Metrics& metrics,
                                   usecase::Clock& /*clock*/)
    : parts_{std::make_unique<Parts>(std::move(options), log, metrics)} {
  log.info("database.opened", {{"database", public_name(parts_->options.master)}, {"epoch", epoch()}});
}

PostgresDatabase::~PostgresDatabase() { stop(); }

storage::Database::Ports PostgresDatabase::ports() {
  return {parts_->comments, parts_->conversations, parts_->notifications, parts_->update_log};
}

domain::LogIdentity PostgresDatabase::identity() const {
  const std::scoped_lock lock{parts_->mutex};
  return parts_->identity;
}

void PostgresDatabase::start_tail(usecase::TailListener& listener) {
  const auto begun = parts_->tail.attach(listener);
  if (begun.wait_for(kTailStart) != std::future_status::ready) {
    throw std::runtime_error{"the log tail cannot begin: the database " + public_name(parts_->options.master) +
                             " does not answer"};
  }
}

void PostgresDatabase::stop() {
  if (parts_->stopped.exchange(true)) return;
  Parts& parts = *parts_;
  parts.tail.stop();
  parts.keeper.stop();
  parts.writer.stop();
  parts.master.stop();
  parts.replicas.stop();
  parts.work.reset();
  parts.thread.join();
  parts.log.info("database.closed");
}

std::size_t PostgresDatabase::readers() const { return parts_->options.connections; }

bool PostgresDatabase::healthy() const {
  const Writer& writer = parts_->writer;
  return !parts_->stopped && parts_->tail.healthy() && writer.healthy() && !writer.outdated() &&
         parts_->master.reachable();
}

std::size_t PostgresDatabase::replicas_serving() const { return parts_->replicas.serving(); }

}  // namespace danwa::postgres
