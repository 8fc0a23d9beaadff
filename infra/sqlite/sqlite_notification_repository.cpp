#include "infra/sqlite/sqlite_notification_repository.hpp"

#include <sqlite3.h>

#include "infra/sqlite/channel_rows.hpp"
#include "infra/sqlite/update_rows.hpp"

namespace danwa::infra {
namespace {

using domain::fail;
using domain::Notification;
using domain::Result;
using usecase::Async;
using usecase::IdempotencyKey;
using Added = usecase::NotificationRepository::Added;

/// The notification at `seq` of the inbox `channel`, which an earlier request made.
Notification read_notification(Connection& connection, std::int64_t channel, domain::Seq seq) {
  auto inbox = channel_key(connection, channel);
  Query query{connection,
              "SELECT subject_id, author, content, occurred_ms FROM updates "
              "WHERE channel_id = ? AND seq = ? AND type = 7"};
  if (!inbox || !query.bind(channel).bind(seq).step()) {
    throw SQLite::Exception{"a notification that was asked for before is not in its inbox", SQLITE_CORRUPT};
  }
  return Notification{.id = domain::NotificationId{query.uuid(0)},
                      .to = std::move(*inbox),
                      .sender = domain::UserId::trusted(query.text(1)),
                      .text = domain::NotificationText::trusted(query.text(2)),
                      .seq = seq,
                      .created_at = query.time(3)};
}

std::optional<domain::EarlierNotification> find_earlier(Connection& connection, const Notification& notification,
                                                        const std::string& key) {
  Query query{connection,
              "SELECT request_hash, channel_id, seq FROM notification_requests "
              "WHERE company = ? AND sender = ? AND idempotency_key = ?"};
  query.bind(notification.to.company.value()).bind(notification.sender.value()).bind(key);
  if (!query.step()) return std::nullopt;
  return domain::EarlierNotification{query.text(0), read_notification(connection, query.integer(1), query.number(2))};
}

void remember(Connection& connection, std::int64_t channel, const Notification& notification,
              const IdempotencyKey& key) {
  Query query{connection,
              "INSERT INTO notification_requests(company, sender, idempotency_key, request_hash, notification_id, "
              "channel_id, seq) VALUES(?, ?, ?, ?, ?, ?, ?)"};
  query.bind(notification.to.company.value()).bind(notification.sender.value()).bind(key.key).bind(key.request_hash);
  query.bind(notification.id.value).bind(channel).bind(notification.seq).run();
}

Result<Added> add_in(WriteTransaction& transaction, const Notification& notification,
                     const std::optional<IdempotencyKey>& key) {
  Connection& connection = transaction.connection;
  std::optional<domain::EarlierNotification> earlier;
  if (key) earlier = find_earlier(connection, notification, key->key);
  const auto head = transaction.channels.look(connection, notification.to).head;
  auto decided = domain::decide_notify(earlier, head, notification, key);
  if (!decided) return fail(std::move(decided).error());
  if (!decided->replayed) {
    const auto inbox = append(transaction, decided->notification);
    if (key) remember(connection, inbox, decided->notification, *key);
  }
  return Added{std::move(decided->notification), decided->replayed};
}

}  // namespace

Async<Result<Added>> SqliteNotificationRepository::add(Notification notification, std::optional<IdempotencyKey> key) {
  auto work = [notification = std::move(notification), key = std::move(key)](WriteTransaction& transaction) {
    return add_in(transaction, notification, key);
  };
  co_return co_await runner_.run_change<Added>(std::move(work));
}

}  // namespace danwa::infra
