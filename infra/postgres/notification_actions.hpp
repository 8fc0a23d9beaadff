#pragma once

#include <optional>

#include "infra/postgres/write_action.hpp"
#include "usecase/ports/notification_repository.hpp"

namespace danwa::infra::pg {

/// Adds a notification to its inbox, as an action of the writer. Shares its transaction with other notifications to the
/// inbox.
class AddNotification final : public AnsweringAction<usecase::NotificationRepository::Added> {
 public:
  AddNotification(domain::Notification notification, std::optional<usecase::IdempotencyKey> key, Resume resume);
  void ask(BatchFacts& facts) const override;

 private:
  domain::Result<usecase::NotificationRepository::Added> decision(const BatchFacts& facts, BatchRows& rows) override;
  BatchFacts::Request request() const;

  const domain::Notification notification_;
  const std::optional<usecase::IdempotencyKey> key_;
};

}  // namespace danwa::infra::pg
