#pragma once

#include <string>

#include "domain/notification/notification.hpp"
#include "usecase/read_notifications.hpp"

namespace danwa::adapters {

/// `{id, to: {user|store|company: id}, text, senderId, seq, timestamp, createdAt}`; `timestamp` is in seconds
/// since 1970.
std::string to_json(const domain::Notification& notification);

/// `{updates, epoch, next}`; the updates are the frames that watchers see, and `next` is the merged cursor to
/// ask with next. After a `reset` (the cursor does not belong to these logs) it holds `"reset": true`, and
/// `next` is at the heads.
std::string to_json(const usecase::ReadNotifications::Output& output);

}  // namespace danwa::adapters
