#include "infra/postgres/notification_actions.hpp"

namespace danwa::infra::pg {
namespace {

using Notified = usecase::NotificationRepository::Added;

Touches touches_of_notice(const domain::Notification& made, const std::optional<usecase::IdempotencyKey>& key) {
  Touches touches{made.to, false, {made.id.to_string()}};
  // Notifications have a key space of their own, apart from comments. The parts are valid UTF-8, in which no byte is
  // 255, so the separators are unambiguous.
  if (key) touches.things.push_back(made.to.company.value() + "\xFF\xFF" + made.sender.value() + '\xFF' + key->key);
  return touches;
}

}  // namespace

AddNotification::AddNotification(domain::Notification notification, std::optional<usecase::IdempotencyKey> key,
                                 Resume resume)
    : AnsweringAction{touches_of_notice(notification, key), std::move(resume)},
      notification_{std::move(notification)},
      key_{std::move(key)} {}

BatchFacts::Request AddNotification::request() const {
  return {notification_.to.company, notification_.sender, key_->key};
}

void AddNotification::ask(BatchFacts& facts) const {
  if (key_) facts.need_earlier_notification(request());
}

domain::Result<Notified> AddNotification::decision(const BatchFacts& facts, BatchRows& rows) {
  std::optional<domain::EarlierNotification> earlier;
  if (key_) earlier = facts.earlier_notification(request());
  auto decided = domain::decide_notify(earlier, rows.head(notification_.to), notification_, key_);
  if (!decided) return domain::fail(std::move(decided).error());
  if (!decided->replayed) rows.insert_notification(decided->notification, key_);
  return Notified{std::move(decided->notification), decided->replayed};
}

}  // namespace danwa::infra::pg
