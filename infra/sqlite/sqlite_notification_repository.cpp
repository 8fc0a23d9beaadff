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

/// The notification that an earlier request with the same key has created, and its place.
struct EarlierNotification {
  std::string request_hash;
  std::int64_t channel;
  domain::Seq seq;
};

std::optional<EarlierNotification> find_earlier(Connection& connection, const Notification& notification,
                                                const std::string& key) {
  Query query{connection,
              "SELECT request_hash, channel_id, seq FROM notification_requests "
              "WHERE company = ? AND sender = ? AND idempotency_key = ?"};
  query.bind(notification.to.company.value()).bind(notification.sender.value()).bind(key);
  if (!query.step()) return std::nullopt;
  return EarlierNotification{query.text(0), query.integer(1), query.number(2)};
}

Notification read_notification(Connection& connection, const EarlierNotification& earlier) {
  auto inbox = channel_key(connection, earlier.channel);
  Query query{connection,
              "SELECT subject_id, author, content, occurred_ms FROM updates "
              "WHERE channel_id = ? AND seq = ? AND type = 7"};
  if (!inbox || !query.bind(earlier.channel).bind(earlier.seq).step()) {
    throw SQLite::Exception{"a notification that was asked for before is not in its inbox", SQLITE_CORRUPT};
  }
  return Notification{.id = domain::NotificationId{query.uuid(0)},
                      .to = std::move(*inbox),
                      .sender = domain::UserId::trusted(query.text(1)),
                      .text = domain::NotificationText::trusted(query.text(2)),
                      .seq = earlier.seq,
                      .created_at = query.time(3)};
}

Result<Added> replay(Connection& connection, const EarlierNotification& earlier, const IdempotencyKey& key) {
  if (earlier.request_hash != key.request_hash) {
    return fail(domain::validation_error("idempotency-key-reused", "Idempotency-Key",
                                         "This Idempotency-Key came with another request before."));
  }
  return Added{read_notification(connection, earlier), true};
}

void remember(Connection& connection, const ChannelBook::Place& place, const Notification& notification,
              const IdempotencyKey& key) {
  Query query{connection,
              "INSERT INTO notification_requests(company, sender, idempotency_key, request_hash, notification_id, "
              "channel_id, seq) VALUES(?, ?, ?, ?, ?, ?, ?)"};
  query.bind(notification.to.company.value()).bind(notification.sender.value()).bind(key.key).bind(key.request_hash);
  query.bind(notification.id.value).bind(place.channel).bind(place.seq).run();
}

Result<Added> add_in(WriteTransaction& transaction, Notification notification,
                     const std::optional<IdempotencyKey>& key) {
  Connection& connection = transaction.connection;
  if (key) {
    if (const auto earlier = find_earlier(connection, notification, key->key)) {
      return replay(connection, *earlier, *key);
    }
  }
  const auto place = transaction.channels.next(connection, notification.to, notification.created_at);
  notification.seq = place.seq;
  insert_update(transaction, place,
                {.type = UpdateType::notification,
                 .at = notification.created_at,
                 .subject = notification.id.value,
                 .author = notification.sender,
                 .content = &notification.text.value()});
  if (key) remember(connection, place, notification, *key);
  return Added{std::move(notification), false};
}

}  // namespace

Async<Result<Added>> SqliteNotificationRepository::add(Notification notification, std::optional<IdempotencyKey> key) {
  auto work = [notification = std::move(notification), key = std::move(key)](WriteTransaction& transaction) {
    return add_in(transaction, notification, key);
  };
  co_return co_await runner_.run_change<Added>(std::move(work));
}

}  // namespace danwa::infra
