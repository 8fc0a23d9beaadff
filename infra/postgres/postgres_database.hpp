#pragma once

#include <memory>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/channel/log_identity.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/conversation_repository.hpp"
#include "usecase/ports/notification_repository.hpp"
#include "usecase/ports/tail_listener.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::infra {

/// The database of a node: a PostgreSQL primary, which all nodes share, and its streaming standbys. Thread safe.
///
/// The constructor connects to the primary, brings its schema up to date under a lock and starts the one thread
/// on which all connections live. It throws std::runtime_error with one clear sentence when the primary cannot
/// be used: not reachable, of a newer schema, of another program. A standby that cannot be used is left out
/// until it can.
class PostgresDatabase {
 public:
  PostgresDatabase(PostgresOptions options, adapters::Logger& log, adapters::Metrics& metrics, usecase::Clock& clock);
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  usecase::CommentRepository& comments();
  usecase::ConversationRepository& conversations();
  usecase::NotificationRepository& notifications();
  usecase::UpdateLog& log();

  /// Identity of the log now.
  domain::Epoch epoch() const;

  /// Which log it is now. Thread safe.
  domain::LogIdentity identity() const;

  /// Starts the log tail at the present end of the log; at most once. `listener` must outlive `stop()`. Throws
  /// std::runtime_error when the primary does not answer for long.
  void start_tail(usecase::TailListener& listener);

  /// Commits what waits, answers `unavailable` to what comes later, joins the thread. Idempotent. To be called
  /// before the io_contexts go whose coroutines wait for the database: its thread posts to them.
  void stop();

  std::size_t readers() const;  ///< reads of the master at once

  /// Whether the primary has answered lately (for /readyz).
  bool healthy() const;

  /// How many standbys serve reads now.
  std::size_t replicas_serving() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace danwa::infra
