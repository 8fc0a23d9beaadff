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

/// A watcher's view of a comment that was sent. `content` is absent once the comment was removed or redacted.
struct CommentAdded {
  CommentId comment;
  UserId author;
  std::optional<CommentContent> content;
  std::optional<std::string> client_ref;  ///< the sender's own mark, echoed until the comment is removed
  friend bool operator==(const CommentAdded&, const CommentAdded&) = default;
};

/// The comment has this content now. `content` is absent once the comment was removed, or a later edit redacts it.
struct CommentUpdated {
  CommentId comment;
  UserId author;
  std::optional<CommentContent> content;
  bool redacts = false;  ///< the texts that the comment had before are gone
  friend bool operator==(const CommentUpdated&, const CommentUpdated&) = default;
};

/// The comment is gone, and its text with it.
struct CommentDeleted {
  CommentId comment;
  UserId author;
  UserId by;  ///< who removed it: the author or a moderator
  friend bool operator==(const CommentDeleted&, const CommentDeleted&) = default;
};

/// `user` is a member of the conversation now.
struct MemberAdded {
  Uuid id;  ///< of the event
  UserId user;
  UserId by;
  friend bool operator==(const MemberAdded&, const MemberAdded&) = default;
};

/// `user` is a member no more.
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

/// One entry of a channel's log: what every watcher of the channel sees, under the same number.
struct Update {
  ChannelKey channel;
  Seq seq;
  Timestamp occurred_at;
  UpdateBody body;
  friend bool operator==(const Update&, const Update&) = default;
};

/// The comment that the update is about; null: it is about none.
const CommentId* comment_of(const UpdateBody& body);

/// Whether the update holds the text of a comment.
bool holds_text(const UpdateBody& body);

/// Whether earlier updates of the same comment lose their text by this one: the comment was removed, or an edit
/// redacts it.
bool takes_text(const UpdateBody& body);

/// Whether `user` may have lost the right to see what follows: their membership ended, or the conversation is private
/// from here on.
bool may_revoke(const UpdateBody& body, const UserId& user);

/// The update after its comment was removed or redacted: without the text, and without the sender's mark.
Update without_text(Update update);

/// What happened, in any channel. It travels after the transaction that made it durable.
using DomainEvent = std::variant<CommentSent, CommentModified, CommentRemoved, MemberJoined, MemberLeft,
                                 ConversationChanged, NotificationSent>;

/// What a watcher of the channel sees of `event`.
Update to_update(const DomainEvent& event);

}  // namespace danwa::domain
