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

/// `{id, content, authorId, conversationKey, seq, version, createdAt, updatedAt}`, and `clientRef` if it has one.
std::string to_json(const domain::Comment& comment);

/// The neighbours of a page of the history: seqs for `before` and `after`.
struct HistoryLinks {
  std::optional<domain::Seq> prev;  ///< older comments: `before=`
  std::optional<domain::Seq> next;  ///< newer comments: `after=`
};

/// `{comments, headSeq, epoch}`, and `prev` and `next` if there may be more.
std::string to_json(const usecase::CommentRepository::Page& page, const HistoryLinks& links);

/// `{updates, headSeq, epoch, next}`. The updates are the frames that watchers receive, and `next` is the cursor for
/// the next request. After a `reset` (the cursor does not belong to this log) it has `"reset": true` and the cursor of
/// the head.
std::string to_json(const usecase::ReadUpdates::Output& output, domain::Seq after);

/// `{conversations: [{conversationKey, headSeq, lastActivity, title, visibility, member}]}`, and `next` (for
/// `before=`) if the list continues; `title` may be null.
std::string to_json(const usecase::UpdateLog::Listing& listing);

/// `{conversationKey, title, visibility, headSeq, role}`; `title` and `role` (of the caller) may be null.
std::string to_json(const usecase::ConversationRepository::AccessContext& view);

/// `{conversationKey, userId, role, joinedAt, seq}`; `seq` is that of the `member-joined` update.
std::string to_json(const domain::Member& member, std::string_view conversation_key);

/// `{members: [{userId, role, joinedAt}]}` and `next` if there are more: the `after` of the next page.
std::string to_json(const usecase::ConversationRepository::Members& members);

/// `{id, to: {user|store|company: id}, text, senderId, seq, timestamp, createdAt}`; `timestamp` is in seconds
/// since 1970.
std::string to_json(const domain::Notification& notification);

/// `{updates, epoch, next}`. The updates are the frames that watchers receive, and `next` is the merged cursor for the
/// next request. After a `reset` (the cursor does not belong to these logs) it has `"reset": true`, and `next` is at
/// the heads.
std::string to_json(const usecase::ReadNotifications::Output& output);

}  // namespace danwa::adapters
