#pragma once

#include <optional>

#include "domain/notification/notification.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/comment_repository.hpp"

namespace danwa::usecase {

/// Saves notifications into the logs of their inboxes. Thread safe. Success is durable.
class NotificationRepository {
 public:
  virtual ~NotificationRepository() = default;

  struct Added {
    domain::Notification notification;  ///< as saved, with its seq
    bool replayed = false;              ///< created by an earlier request with this idempotency key
    domain::Position position{};        ///< of the notification
  };

  /// Saves `notification` as domain::decide_notify decides; a key is one of its company and sender. Errors: those of
  /// the decision; `unavailable`.
  virtual Async<domain::Result<Added>> add(domain::Notification notification, std::optional<IdempotencyKey> key) = 0;
};

}  // namespace danwa::usecase
