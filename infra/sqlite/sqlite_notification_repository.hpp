#pragma once

#include "infra/sqlite/database_runner.hpp"
#include "usecase/ports/notification_repository.hpp"

namespace danwa::infra {

/// Notifications in SQLite, as entries of the inboxes' logs. Thread safe.
class SqliteNotificationRepository final : public usecase::NotificationRepository {
 public:
  explicit SqliteNotificationRepository(DatabaseRunner& runner) : runner_{runner} {}

  usecase::Async<domain::Result<Added>> add(domain::Notification notification,
                                            std::optional<usecase::IdempotencyKey> key) override;

 private:
  DatabaseRunner& runner_;
};

}  // namespace danwa::infra
