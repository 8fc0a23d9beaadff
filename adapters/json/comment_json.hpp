#pragma once

#include <string>
#include <vector>

#include "domain/channel/cursor.hpp"
#include "domain/comment/comment.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/update_log.hpp"
#include "usecase/read_updates.hpp"

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

}  // namespace danwa::adapters
