#pragma once

#include "support/in_memory_log.hpp"
#include "usecase/ports/notification_repository.hpp"

namespace danwa::tests {

/// Notifications without a database; passes the same contract. Thread safe.
class InMemoryNotificationRepository final : public usecase::NotificationRepository {
 public:
  explicit InMemoryNotificationRepository(InMemoryLog& log) : log_{log} {}

  usecase::Async<domain::Result<Added>> add(domain::Notification notification,
                                            std::optional<usecase::IdempotencyKey> key) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    const InMemoryLog::Idempotency scope{notification.to.company, notification.sender, key ? key->key : ""};
    if (key) {
      const auto known = log_.notification_keys.find(scope);
      if (known != log_.notification_keys.end()) co_return replay(known->second, *key);
    }
    notification.seq = log_.append(notification.to, notification.created_at,
                                   domain::NotificationAdded{notification.id, notification.sender, notification.text});
    if (key) log_.notification_keys.emplace(scope, InMemoryLog::Request{notification, key->request_hash});
    co_return Added{std::move(notification), false, log_.now()};
  }

 private:
  domain::Result<Added> replay(const InMemoryLog::Request& request, const usecase::IdempotencyKey& key) const {
    if (request.request_hash == key.request_hash) return Added{request.notification, true, log_.now()};
    return domain::fail(domain::validation_error("idempotency-key-reused", "Idempotency-Key",
                                                 "This Idempotency-Key came with another request before."));
  }

  InMemoryLog& log_;
};

}  // namespace danwa::tests
