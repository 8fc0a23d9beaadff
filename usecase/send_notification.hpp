#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/id_generator.hpp"
#include "usecase/ports/notification_repository.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Saves a notification in one inbox, then publishes it to the watchers of the inbox. Thread safe.
class SendNotification {
 public:
  struct Needs {
    NotificationRepository& notifications;
    EventBus& events;
    IdGenerator& ids;
    const Clock& clock;
  };
  /// Exactly one of the three.
  struct Recipient {
    std::optional<std::string> user;
    std::optional<std::string> store;
    std::optional<std::string> company;
  };
  struct Input {
    Recipient to;
    std::string text;
    std::optional<std::string> idempotency_key;
    Precondition precondition{};  ///< on the new notification, which does not exist yet
  };
  struct Output {
    domain::Notification notification;
    bool replayed;              ///< the answer to an earlier request with the same idempotency key
    domain::Position position;  ///< of the notification
  };
  struct Parsed {
    domain::ChannelKey to;
    domain::NotificationText text;
    std::optional<IdempotencyKey> key;
  };

  explicit SendNotification(Needs needs) : needs_{needs} {}

  /// Errors, gathered: `to-invalid` (not exactly one), `user-*`, `store-*`, `company-*`, `text-*`,
  /// `idempotency-key-invalid` (validation).
  static domain::Result<Parsed> parse(Input input, const domain::CompanyId& sender_company);

  /// A success is durable. Errors: those of `parse`; `token-required`; `not-granted` (forbidden), also for another
  /// company; those of `NotificationRepository::add`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
