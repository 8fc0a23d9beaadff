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

/// What a node needs of its database, whichever it is. Thread safe.
class Database {
 public:
  virtual ~Database() = default;

  virtual usecase::CommentRepository& comments() = 0;
  virtual usecase::ConversationRepository& conversations() = 0;
  virtual usecase::NotificationRepository& notifications() = 0;
  virtual usecase::UpdateLog& log() = 0;

  /// Which log it holds now.
  virtual domain::LogIdentity identity() const = 0;

  /// Starts the log tail at the present end of the log; at most once. `listener` must outlive `stop()`.
  virtual void start_tail(usecase::TailListener& listener) = 0;

  /// Commits what waits, answers `unavailable` to what comes later, joins every thread. Idempotent. To be called
  /// before the io_contexts go whose coroutines wait for the database.
  virtual void stop() = 0;

  /// Whether it has taken its latest transactions and reads (for /readyz).
  virtual bool healthy() const = 0;

  /// How many reads of the master it does at once, at least 1.
  virtual std::size_t readers() const = 0;

  /// How many standbys serve reads now.
  virtual std::size_t replicas_serving() const = 0;
};

/// A database of infra, all of which have this shape, behind the interface.
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
