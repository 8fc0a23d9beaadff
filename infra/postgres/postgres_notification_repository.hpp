#pragma once

#include "infra/postgres/database_runner.hpp"
#include "infra/postgres/notification_actions.hpp"
#include "usecase/ports/notification_repository.hpp"

namespace danwa::infra::pg {

/// Notifications in PostgreSQL, as entries of the inboxes' logs. Thread safe.
class PostgresNotificationRepository final : public usecase::NotificationRepository {
 public:
  explicit PostgresNotificationRepository(DatabaseRunner& runner) : runner_{runner} {}

  usecase::Async<domain::Result<Added>> add(domain::Notification notification,
                                            std::optional<usecase::IdempotencyKey> key) override {
    auto make = [notification = std::move(notification), key = std::move(key)](auto resume) mutable {
      return std::make_unique<AddNotification>(std::move(notification), std::move(key), std::move(resume));
    };
    co_return co_await runner_.change<Added>(std::move(make));
  }

 private:
  DatabaseRunner& runner_;
};

}  // namespace danwa::infra::pg
