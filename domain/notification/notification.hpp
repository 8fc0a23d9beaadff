#pragma once

#include <optional>
#include <string>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/keys.hpp"
#include "domain/core/text.hpp"
#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::domain {

/// Names a notification over all companies (UUIDv7).
struct NotificationId {
  Uuid value;
  std::string to_string() const { return value.to_string(); }
  friend auto operator<=>(const NotificationId&, const NotificationId&) = default;
};

struct NotificationTextTag {
  static constexpr TextRules kRules{"text", 4000, true};
};
using NotificationText = BoundedText<NotificationTextTag>;

/// One private message into the inbox of a person, a store or a whole company.
struct Notification {
  NotificationId id;
  ChannelKey to;  ///< an inbox, never a conversation
  UserId sender;
  NotificationText text;
  Seq seq = 0;  ///< its number in the inbox; 0 until it is saved
  Timestamp created_at;
  friend bool operator==(const Notification&, const Notification&) = default;
};

/// A notification was saved. Published after the commit.
struct NotificationSent {
  Notification notification;
};

/// The notification that an earlier request with the same idempotency key made.
struct EarlierNotification {
  std::string request_hash;
  Notification notification;
};

struct NotifyDecision {
  Notification notification;  ///< with its seq
  bool replayed = false;      ///< an earlier request made it: there is nothing to write
};

/// A new notification takes the seq after `head`, the head of its inbox. A retry gets the earlier notification.
/// Errors: `idempotency-key-reused`.
inline Result<NotifyDecision> decide_notify(const std::optional<EarlierNotification>& earlier, Seq head,
                                            const Notification& notification,
                                            const std::optional<IdempotencyKey>& key) {
  if (key && earlier) {
    if (auto same = same_request(*key, earlier->request_hash); !same) return fail(std::move(same).error());
    return NotifyDecision{earlier->notification, true};
  }
  NotifyDecision done{notification};
  done.notification.seq = head + 1;
  return done;
}

}  // namespace danwa::domain
