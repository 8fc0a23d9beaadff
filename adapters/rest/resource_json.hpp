#pragma once

#include <string>
#include <string_view>

#include "domain/channel/cursor.hpp"
#include "domain/comment/comment.hpp"
#include "domain/notification/notification.hpp"
#include "usecase/notifications.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/update_log.hpp"
#include "usecase/updates.hpp"

namespace danwa::adapters {

/// `{id, content, authorId, conversationKey, seq, version, createdAt, updatedAt}` and, when it has one,
/// `clientRef`.
std::string to_json(const domain::Comment& comment);

/// Where a reader of the history may go on from a page: seqs for `before` and `after`.
struct HistoryLinks {
  std::optional<domain::Seq> prev;  ///< older comments: `before=`
  std::optional<domain::Seq> next;  ///< newer comments: `after=`
};

/// `{comments, headSeq, epoch}` and, where there may be more, `prev` and `next`.
std::string to_json(const usecase::CommentRepository::Page& page, const HistoryLinks& links);

/// `{updates, headSeq, epoch, next}`; the updates are the frames that watchers see, and `next` is the
/// cursor to ask with next. After a `reset` (the cursor does not belong to this log) it holds
/// `"reset": true` and the cursor of the head.
std::string to_json(const usecase::ReadUpdates::Output& output, domain::Seq after);

/// `{conversations: [{conversationKey, headSeq, lastActivity, title, visibility, member}]}`, and `next` (for
/// `before=`) where the listing has one; `title` may be null.
std::string to_json(const usecase::UpdateLog::Listing& listing);

/// `{conversationKey, title, visibility, headSeq, role}`; `title` and `role` (of the caller) may be null.
std::string to_json(const usecase::ConversationRepository::AccessContext& view);

/// `{conversationKey, userId, role, joinedAt, seq}`; `seq` is that of the `member-joined` update.
std::string to_json(const domain::Member& member, std::string_view conversation_key);

/// `{members: [{userId, role, joinedAt}]}` and, when there are more, `next`: the `after` of the next page.
std::string to_json(const usecase::ConversationRepository::Members& members);

/// `{id, to: {user|store|company: id}, text, senderId, seq, timestamp, createdAt}`; `timestamp` is in seconds
/// since 1970.
std::string to_json(const domain::Notification& notification);

/// `{updates, epoch, next}`; the updates are the frames that watchers see, and `next` is the merged cursor to
/// ask with next. After a `reset` (the cursor does not belong to these logs) it holds `"reset": true`, and
/// `next` is at the heads.
std::string to_json(const usecase::ReadNotifications::Output& output);

}  // namespace danwa::adapters
