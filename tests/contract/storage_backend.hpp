#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "infra/sqlite/sqlite_database.hpp"
#include "support/in_memory_comment_repository.hpp"
#include "support/in_memory_conversation_repository.hpp"
#include "support/in_memory_notification_repository.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/quiet_logger.hpp"
#include "support/storage.hpp"
#include "support/temporary_directory.hpp"

#ifdef DANWA_POSTGRES
#include "infra/postgres/hostile_settings.hpp"
#include "infra/postgres/postgres_database.hpp"
#endif

namespace danwa::tests {

/// The contract says nothing of time: no action of a test is refused because a busy machine is slow.
constexpr std::chrono::minutes kPatient{1};

/// Something that holds the storage ports.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual usecase::CommentRepository& comments() = 0;
  virtual usecase::UpdateLog& log() = 0;
  virtual usecase::ConversationRepository& rooms() = 0;
  virtual usecase::NotificationRepository& notices() = 0;
  virtual void stop() {}
};

class InMemoryBackend final : public Backend {
 public:
  usecase::CommentRepository& comments() override { return comments_; }
  usecase::UpdateLog& log() override { return update_log_; }
  usecase::ConversationRepository& rooms() override { return rooms_; }
  usecase::NotificationRepository& notices() override { return notices_; }

 private:
  InMemoryLog state_;
  InMemoryCommentRepository comments_{state_};
  InMemoryUpdateLog update_log_{state_};
  InMemoryConversationRepository rooms_{state_};
  InMemoryNotificationRepository notices_{state_};
};

/// Either database, as a node has it.
class DatabaseBackend : public Backend {
 public:
  usecase::CommentRepository& comments() override { return database_->comments(); }
  usecase::UpdateLog& log() override { return database_->log(); }
  usecase::ConversationRepository& rooms() override { return database_->conversations(); }
  usecase::NotificationRepository& notices() override { return database_->notifications(); }
  void stop() override { database_->stop(); }

 protected:
  QuietLogger logger_;
  adapters::Metrics metrics_;
  std::unique_ptr<storage::Database> database_;
};

class SqliteBackend final : public DatabaseBackend {
 public:
  SqliteBackend() {
    database_ = sqlite::open_database(
        {.master_path = directory_.file("danwa.db"), .full_sync = false, .patience = kPatient}, logger_, metrics_);
  }
  ~SqliteBackend() override { database_.reset(); }  // before its directory goes

 private:
  TemporaryDirectory directory_;
};

#ifdef DANWA_POSTGRES
class PostgresBackend final : public DatabaseBackend {
 public:
  /// `hostile`: with all settings that a database can give its sessions as bad as can be.
  explicit PostgresBackend(bool hostile = false) : own_{hostile} {
    database_ = postgres::open_database({.master = own_.url(), .statement_timeout = kPatient, .patience = kPatient},
                                        logger_, metrics_);
  }
  ~PostgresBackend() override { database_.reset(); }  // before it is dropped

 private:
  HostileDatabase own_;
};
#define DANWA_ON_POSTGRES(suite)                                                               \
  ;                                                                                            \
  INSTANTIATE_TEST_SUITE_P(Postgres, suite, testing::Values([]() -> std::unique_ptr<Backend> { \
                             return std::make_unique<PostgresBackend>();                       \
                           }))
#else
#define DANWA_ON_POSTGRES(suite)
#endif

using MakeBackend = std::unique_ptr<Backend> (*)();

/// A test that runs on every backend: see DANWA_ON_EVERY_BACKEND.
class StorageTest : public testing::TestWithParam<MakeBackend> {
 protected:
  void TearDown() override { backend_->stop(); }  // before the io_context that it posts to goes

  static std::string code(const domain::Errors& errors) { return errors.first().code; }

  std::unique_ptr<Backend> backend_ = GetParam()();
  Storage storage_{backend_->comments(), backend_->log(), backend_->rooms(), backend_->notices()};
};

/// Runs the tests of `suite`, a StorageTest, in memory, on SQLite, and on PostgreSQL where it is built.
#define DANWA_ON_EVERY_BACKEND(suite)                                                                                 \
  INSTANTIATE_TEST_SUITE_P(InMemory, suite, testing::Values([]() -> std::unique_ptr<Backend> {                        \
                             return std::make_unique<InMemoryBackend>();                                              \
                           }));                                                                                       \
  INSTANTIATE_TEST_SUITE_P(                                                                                           \
      Sqlite, suite, testing::Values([]() -> std::unique_ptr<Backend> { return std::make_unique<SqliteBackend>(); })) \
  DANWA_ON_POSTGRES(suite)

}  // namespace danwa::tests
