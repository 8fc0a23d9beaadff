#pragma once

#include <cstddef>
#include <utility>

#include "domain/channel/log_identity.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/conversation_repository.hpp"
#include "usecase/ports/notification_repository.hpp"
#include "usecase/ports/tail_listener.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::app {

/// The database as a node uses it, SQLite or PostgreSQL. Thread safe.
class Database {
 public:
  virtual ~Database() = default;

  virtual usecase::CommentRepository& comments() = 0;
  virtual usecase::ConversationRepository& conversations() = 0;
  virtual usecase::NotificationRepository& notifications() = 0;
  virtual usecase::UpdateLog& log() = 0;

  /// The identity of the log that it holds now.
  virtual domain::LogIdentity identity() const = 0;

  /// Starts the log tail at the current end of the log. Call it at most once. `listener` must outlive `stop()`.
  virtual void start_tail(usecase::TailListener& listener) = 0;

  /// Commits waiting actions, answers later ones with `unavailable`, joins every thread. Idempotent. Call it before the
  /// io_contexts are destroyed whose coroutines wait for the database.
  virtual void stop() = 0;

  /// Whether its latest transactions and reads succeeded (for /readyz).
  virtual bool healthy() const = 0;

  /// The number of concurrent reads of the master, at least 1.
  virtual std::size_t readers() const = 0;

  /// The number of standbys that serve reads now.
  virtual std::size_t replicas_serving() const = 0;
};

/// Puts a database class of infra behind the interface; all of them have the same methods.
template <class Kind>
class DatabaseOf final : public Database {
 public:
  template <class... Arguments>
  explicit DatabaseOf(Arguments&&... arguments) : kind_{std::forward<Arguments>(arguments)...} {}

  usecase::CommentRepository& comments() override { return kind_.comments(); }
  usecase::ConversationRepository& conversations() override { return kind_.conversations(); }
  usecase::NotificationRepository& notifications() override { return kind_.notifications(); }
  usecase::UpdateLog& log() override { return kind_.log(); }
  domain::LogIdentity identity() const override { return kind_.identity(); }
  void start_tail(usecase::TailListener& listener) override { kind_.start_tail(listener); }
  void stop() override { kind_.stop(); }
  bool healthy() const override { return kind_.healthy(); }
  std::size_t readers() const override { return kind_.readers(); }
  std::size_t replicas_serving() const override {
    if constexpr (requires { kind_.replicas_serving(); }) {
      return kind_.replicas_serving();
    } else {
      return 0;
    }
  }

 private:
  Kind kind_;
};

}  // namespace danwa::app
