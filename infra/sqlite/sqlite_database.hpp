#pragma once

#include <memory>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/channel/log_identity.hpp"
#include "infra/sqlite/sqlite_options.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/conversation_repository.hpp"
#include "usecase/ports/notification_repository.hpp"
#include "usecase/ports/tail_listener.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::infra {

/// The database of a node: one SQLite file, which all nodes of a host may share. Thread safe.
///
/// The constructor opens the file, brings its schema up to date under the file's kernel lock and starts
/// the threads (writer, readers, checkpointer). It throws std::runtime_error with one clear sentence when
/// the file cannot be used: no database, corrupt, of a newer schema, not writable, locked for too long, of more than
/// one name.
class SqliteDatabase {
 public:
  SqliteDatabase(SqliteOptions options, adapters::Logger& log, adapters::Metrics& metrics, usecase::Clock& clock);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  usecase::CommentRepository& comments();
  usecase::ConversationRepository& conversations();
  usecase::NotificationRepository& notifications();
  usecase::UpdateLog& log();

  /// Identity of the log now.
  domain::Epoch epoch() const;

  /// Which log it is now. Thread safe.
  domain::LogIdentity identity() const;

  /// Starts the log tail at the present end of the log; at most once. `listener` must outlive `stop()`.
  void start_tail(usecase::TailListener& listener);

  /// Commits what waits, answers `unavailable` to what comes later, joins every thread. Idempotent. To be
  /// called before the io_contexts go whose coroutines wait for the database: its threads post to them.
  void stop();

  std::size_t readers() const;  ///< reads of the master at once

  /// Whether the database has taken its latest transactions and reads (for /readyz).
  bool healthy() const;

  /// Whether the replica serves reads now: 0 or 1.
  std::size_t replicas_serving() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace danwa::infra
