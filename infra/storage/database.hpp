#pragma once

#include <cstddef>

#include "domain/channel/cursor.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::storage {

/// The database of a node, whichever it is. Thread safe.
class Database {
 public:
  virtual ~Database() = default;

  usecase::CommentRepository& comments() { return ports().comments; }
  usecase::ConversationRepository& conversations() { return ports().conversations; }
  usecase::NotificationRepository& notifications() { return ports().notifications; }
  usecase::UpdateLog& log() { return ports().log; }

  /// Which log it holds now.
  virtual domain::LogIdentity identity() const = 0;
  domain::Epoch epoch() const { return identity().epoch; }

  /// Starts the log tail at the present end of the log; at most once. `listener` must outlive `stop()`. Throws
  /// std::runtime_error when the database does not answer.
  virtual void start_tail(usecase::TailListener& listener) = 0;

  /// Commits what waits, answers `unavailable` to what comes later, joins every thread. Idempotent. To be called before
  /// the io_contexts go whose coroutines wait for the database: its threads post to them.
  virtual void stop() = 0;

  /// Whether it has taken its latest transactions and reads (for /readyz).
  virtual bool healthy() const = 0;

  /// How many reads of the master it does at once, at least 1.
  virtual std::size_t readers() const = 0;

  /// How many replicas serve reads now.
  virtual std::size_t replicas_serving() const = 0;

 protected:
  struct Ports {
    usecase::CommentRepository& comments;
    usecase::ConversationRepository& conversations;
    usecase::NotificationRepository& notifications;
    usecase::UpdateLog& log;
  };
  virtual Ports ports() = 0;
};

}  // namespace danwa::storage
