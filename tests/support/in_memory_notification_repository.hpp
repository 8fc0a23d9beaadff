#pragma once

#include "support/in_memory_log.hpp"
#include "usecase/ports/repositories.hpp"

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
    std::optional<domain::EarlierNotification> earlier;
    const auto known = log_.notification_keys.find(scope);
    if (key && known != log_.notification_keys.end()) earlier = known->second;
    auto decided = domain::decide_notify(earlier, log_.head(notification.to), notification, key);
    if (!decided) co_return domain::fail(std::move(decided).error());
    if (!decided->replayed) {
      log_.write(domain::NotificationSent{decided->notification});
      if (key) log_.notification_keys.emplace(scope, InMemoryLog::Request{key->request_hash, decided->notification});
    }
    co_return Added{std::move(decided->notification), decided->replayed, log_.now()};
  }

 private:
  InMemoryLog& log_;
};

}  // namespace danwa::tests
