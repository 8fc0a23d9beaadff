#pragma once

#include <optional>
#include <string>
#include <variant>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/comment/comment.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/core/time.hpp"
#include "domain/notification/notification.hpp"

namespace danwa::domain {

/// A comment was sent. `content` is absent after the comment was removed or redacted.
struct CommentAdded {
  CommentId comment;
  UserId author;
  std::optional<CommentContent> content;
  std::optional<std::string> client_ref;  ///< a mark of the sender's client, returned until the comment is removed
  friend bool operator==(const CommentAdded&, const CommentAdded&) = default;
};

/// The comment has this content now. `content` is absent after the comment was removed, or a later edit has redacted
/// it.
struct CommentUpdated {
  CommentId comment;
  UserId author;
  std::optional<CommentContent> content;
  bool redacts = false;  ///< the earlier texts of the comment are gone
  friend bool operator==(const CommentUpdated&, const CommentUpdated&) = default;
};

/// The comment and its text are gone.
struct CommentDeleted {
  CommentId comment;
  UserId author;
  UserId by;  ///< the author or a moderator, who removed it
  friend bool operator==(const CommentDeleted&, const CommentDeleted&) = default;
};

/// `user` is a member of the conversation now.
struct MemberAdded {
  Uuid id;  ///< of the event
  UserId user;
  UserId by;
  friend bool operator==(const MemberAdded&, const MemberAdded&) = default;
};

/// `user` is not a member any more.
struct MemberRemoved {
  Uuid id;
  UserId user;
  UserId by;
  friend bool operator==(const MemberRemoved&, const MemberRemoved&) = default;
};

/// The conversation has this title and visibility now.
struct ConversationUpdated {
  Uuid id;
  std::optional<ConversationTitle> title;
  Visibility visibility;
  UserId by;
  friend bool operator==(const ConversationUpdated&, const ConversationUpdated&) = default;
};

/// A notification came into the inbox.
struct NotificationAdded {
  NotificationId id;
  UserId sender;
  NotificationText text;
  friend bool operator==(const NotificationAdded&, const NotificationAdded&) = default;
};

using UpdateBody = std::variant<CommentAdded, CommentUpdated, CommentDeleted, MemberAdded, MemberRemoved,
                                ConversationUpdated, NotificationAdded>;

/// One entry of a channel's log. Every watcher of the channel sees it under the same number.
struct Update {
  ChannelKey channel;
  Seq seq;
  Timestamp occurred_at;
  UpdateBody body;
  friend bool operator==(const Update&, const Update&) = default;
};

/// The comment that the update is about; null if it is about something else.
const CommentId* comment_of(const UpdateBody& body);

/// Whether the update holds the text of a comment.
bool holds_text(const UpdateBody& body);

/// Whether earlier updates of the same comment lose their text by this one: the comment was removed, or an edit
/// redacts it.
bool takes_text(const UpdateBody& body);

/// Whether `user` may have lost access to the updates behind this one: their membership ended, or the conversation
/// became private.
bool may_revoke(const UpdateBody& body, const UserId& user);

/// The update after its comment was removed or redacted: without the text, and without the sender's mark.
Update without_text(Update update);

/// A change in any channel. Published after the commit.
using DomainEvent = std::variant<CommentSent, CommentModified, CommentRemoved, MemberJoined, MemberLeft,
                                 ConversationChanged, NotificationSent>;

/// The update that the watchers of the channel receive for `event`.
Update to_update(const DomainEvent& event);

}  // namespace danwa::domain
