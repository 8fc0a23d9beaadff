#include "infra/sqlite/sqlite_database.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "infra/sqlite/channel_rows.hpp"
#include "infra/sqlite/database_file.hpp"
#include "infra/sqlite/database_runner.hpp"
#include "infra/sqlite/log_tail.hpp"
#include "infra/sqlite/sqlite_comment_repository.hpp"
#include "infra/sqlite/sqlite_conversation_repository.hpp"
#include "infra/sqlite/sqlite_notification_repository.hpp"
#include "infra/sqlite/sqlite_update_log.hpp"

namespace danwa::infra {
namespace {

SqliteOptions prepared(SqliteOptions options, adapters::Logger& log) {
  prepare_database_file(options, log);
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
      : options{prepared(std::move(given), logger)},
        log{logger},
        metrics{figures},
        epoch{epoch_of(options.master_path)},
        writer{options, logger, figures},
        master{options.master_path, options, logger},
        replica{options.replica_path.empty() ? nullptr
                                             : std::make_unique<ReaderPool>(options.replica_path, options, logger)} {}

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

  void set_epoch(const domain::Epoch& now) {
    const std::scoped_lock lock{mutex};
    epoch = now;
  }

  SqliteOptions options;
  adapters::Logger& log;
  adapters::Metrics& metrics;
  mutable std::mutex mutex;  // epoch alone: set by the tail, read by anybody
  domain::Epoch epoch;
  Writer writer;
  ReaderPool master;
  std::unique_ptr<ReaderPool> replica;  ///< none: the master serves its reads
  DatabaseRunner runner{writer, master, replica ? *replica : master};
  SqliteCommentRepository comments{runner};
  SqliteConversationRepository conversations{runner};
  SqliteNotificationRepository notifications{runner};
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

usecase::CommentRepository& SqliteDatabase::comments() { return parts_->comments; }

usecase::ConversationRepository& SqliteDatabase::conversations() { return parts_->conversations; }

usecase::NotificationRepository& SqliteDatabase::notifications() { return parts_->notifications; }

usecase::UpdateLog& SqliteDatabase::log() { return parts_->update_log; }

domain::Epoch SqliteDatabase::epoch() const {
  const std::scoped_lock lock{parts_->mutex};
  return parts_->epoch;
}

void SqliteDatabase::start_tail(usecase::TailListener& listener) {
  Parts& parts = *parts_;
  parts.tail.emplace(LogTail::Needs{
      .path = parts.options.master_path,
      .interval = parts.options.tail_interval,
      .listener = listener,
      .renew = [&parts](const domain::Epoch& known) { return parts.renew(known); },
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

bool SqliteDatabase::healthy() const {
  const Parts& parts = *parts_;
  const bool readable = parts.master.healthy() && (!parts.replica || parts.replica->healthy());
  return !parts.stopped && parts.writer.healthy() && readable;
}

}  // namespace danwa::infra
