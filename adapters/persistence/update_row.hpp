#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "domain/update/event.hpp"

namespace danwa::adapters {

/// How an update row says what it is; part of every database's format, which `danwad copy` takes from one to another.
/// An `added` whose comment is removed turns `added_and_removed`, so that pages of comments can be walked without
/// looking at what is gone.
///
/// | type | subject_id | author | about | content |
/// |---|---|---|---|---|
/// | 0, 3 | the comment | who wrote it | | its text, blank when removed or redacted, as clientRef is |
/// | 1 | the comment | who wrote it | kRedacts, when earlier texts went with it | its text, blank as above |
/// | 2 | the comment | who wrote it | who removed it, when another than its author | |
/// | 4, 5 | the event | who did it | the member | |
/// | 6 | the event | who did it | the visibility | the title |
/// | 7 | the notification | who sent it | | its text |
enum class UpdateType : std::int64_t {
  added = 0,
  updated = 1,
  deleted = 2,
  added_and_removed = 3,
  member_joined = 4,
  member_left = 5,
  conversation_updated = 6,
  notification = 7
};

inline const std::string kRedacts = "redacts";

/// An update as it is to be written. Its pointers and references point into the event that it was made of.
struct NewUpdate {
  domain::ChannelKey channel;
  domain::Seq seq;
  UpdateType type;
  domain::Timestamp at;
  const domain::Uuid& subject;
  const domain::UserId& author;
  const std::string* about = nullptr;
  const std::string* client_ref = nullptr;
  const std::string* content = nullptr;

  /// Who counts as a writer of the conversation from now on; null: this is no new comment.
  const domain::UserId* writer() const { return type == UpdateType::added ? &author : nullptr; }
};

NewUpdate row_of(const domain::Comment& added);
NewUpdate row_of(const domain::CommentModified& modified);
NewUpdate row_of(const domain::CommentRemoved& removed);
NewUpdate row_of(const domain::MemberJoined& joined);
NewUpdate row_of(const domain::MemberLeft& left);
NewUpdate row_of(const domain::ConversationChanged& changed);
NewUpdate row_of(const domain::Notification& sent);

/// The columns that `read_update_body` and its callers take, in this order:
/// seq, type, occurred_ms, subject_id, author, about, client_ref, content.
///
/// `row` gives a column as `integer`, `text`, `optional_text` or `uuid`; `refuse` throws the database's own error, with
/// the sentence that it is given.
template <class Row, class Refuse>
domain::UpdateBody read_update_body(const Row& row, Refuse refuse) {
  const auto content = [&row]() -> std::optional<domain::CommentContent> {
    auto text = row.optional_text(7);
    return text ? std::optional{domain::CommentContent::trusted(std::move(*text))} : std::nullopt;
  };
  const auto title = [&row]() -> std::optional<domain::ConversationTitle> {
    auto text = row.optional_text(7);
    return text ? std::optional{domain::ConversationTitle::trusted(std::move(*text))} : std::nullopt;
  };
  const domain::Uuid subject = row.uuid(3);
  auto author = domain::UserId::trusted(row.text(4));
  switch (static_cast<UpdateType>(row.integer(1))) {
    case UpdateType::added:
    case UpdateType::added_and_removed:
      return domain::CommentAdded{domain::CommentId{subject}, std::move(author), content(), row.optional_text(6)};
    case UpdateType::updated:
      return domain::CommentUpdated{domain::CommentId{subject}, std::move(author), content(),
                                    row.optional_text(5) == kRedacts};
    case UpdateType::deleted: {
      auto by = row.optional_text(5);
      auto remover = by ? domain::UserId::trusted(std::move(*by)) : author;
      return domain::CommentDeleted{domain::CommentId{subject}, std::move(author), std::move(remover)};
    }
    case UpdateType::member_joined:
      return domain::MemberAdded{subject, domain::UserId::trusted(row.text(5)), std::move(author)};
    case UpdateType::member_left:
      return domain::MemberRemoved{subject, domain::UserId::trusted(row.text(5)), std::move(author)};
    case UpdateType::conversation_updated: {
      const auto visibility = domain::parse_visibility(row.text(5));
      if (!visibility) refuse("an update in the database has an unknown visibility");
      return domain::ConversationUpdated{subject, title(), *visibility, std::move(author)};
    }
    case UpdateType::notification:
      return domain::NotificationAdded{domain::NotificationId{subject}, std::move(author),
                                       domain::NotificationText::trusted(row.text(7))};
  }
  refuse("an update in the database is of an unknown type");
  return domain::CommentDeleted{domain::CommentId{subject}, author, author};  // not reached: `refuse` throws
}

}  // namespace danwa::adapters
