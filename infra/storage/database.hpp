#pragma once

#include <cstddef>

#include "domain/channel/cursor.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::storage {

/// The database of a node, of either kind. Thread safe.
class Database {
 public:
  virtual ~Database() = default;

  usecase::CommentRepository& comments() { return ports().comments; }
  usecase::ConversationRepository& conversations() { return ports().conversations; }
  usecase::NotificationRepository& notifications() { return ports().notifications; }
  usecase::UpdateLog& log() { return ports().log; }

  /// The identity of the log that it holds now.
  virtual domain::LogIdentity identity() const = 0;
  domain::Epoch epoch() const { return identity().epoch; }

  /// Starts the log tail at the present end of the log; at most once. `listener` must outlive `stop()`. Throws
  /// std::runtime_error if the database does not answer.
  virtual void start_tail(usecase::TailListener& listener) = 0;

  /// Commits waiting changes, answers later calls with `unavailable`, joins every thread. Idempotent. Must be called
  /// before the io_contexts are destroyed whose coroutines wait for the database, because its threads post to them.
  virtual void stop() = 0;

  /// True if the latest transactions and reads worked (for /readyz).
  virtual bool healthy() const = 0;

  /// The number of reads that the master does at once, at least 1.
  virtual std::size_t readers() const = 0;

  /// The number of replicas that serve reads now.
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
