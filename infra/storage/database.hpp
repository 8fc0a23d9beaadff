#pragma once

#include <cstddef>
#include <mutex>
#include <utility>

#include "domain/channel/cursor.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::storage {

/// The database of a node, of either kind. Thread safe.
class Database {
 public:
  virtual ~Database() = default;

  virtual usecase::CommentRepository& comments() = 0;
  virtual usecase::ConversationRepository& conversations() = 0;
  virtual usecase::NotificationRepository& notifications() = 0;
  virtual usecase::UpdateLog& log() = 0;

  /// The identity of the log that it holds now.
  domain::LogIdentity identity() const {
    const std::scoped_lock lock{mutex_};
    return identity_;
  }
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
  explicit Database(domain::LogIdentity identity = {}) : identity_{std::move(identity)} {}

  void set_epoch(const domain::Epoch& epoch) {
    const std::scoped_lock lock{mutex_};
    identity_.epoch = epoch;
  }
  void set_database(std::string database) {
    const std::scoped_lock lock{mutex_};
    identity_.database = std::move(database);
  }

 private:
  mutable std::mutex mutex_;  // guards `identity_`: the log tail sets it, any thread reads it
  domain::LogIdentity identity_;
};

}  // namespace danwa::storage
