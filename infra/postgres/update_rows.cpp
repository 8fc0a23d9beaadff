#include "infra/postgres/update_rows.hpp"

#include <stdexcept>

#include "infra/postgres/room_rows.hpp"

namespace danwa::infra::pg {
namespace {

std::optional<domain::CommentContent> read_content(const Row& row) {
  if (row.is_null(7)) return std::nullopt;
  return domain::CommentContent::trusted(row.text(7));
}

domain::UpdateBody read_change(const Row& row, const domain::Uuid& id, domain::UserId by) {
  const auto visibility = domain::parse_visibility(row.text(5));
  if (!visibility) throw std::runtime_error{"an update in the database has an unknown visibility"};
  return domain::ConversationUpdated{id, read_title(row, 7), *visibility, std::move(by)};
}

domain::UpdateBody read_body(const Row& row) {
  const domain::Uuid subject = row.uuid(3);
  auto author = domain::UserId::trusted(row.text(4));
  switch (static_cast<UpdateType>(row.integer(1))) {
    case UpdateType::added:
    case UpdateType::added_and_removed:
      return domain::CommentAdded{domain::CommentId{subject}, std::move(author), read_content(row),
                                  row.optional_text(6)};
    case UpdateType::updated:
      return domain::CommentUpdated{domain::CommentId{subject}, std::move(author), read_content(row)};
    case UpdateType::deleted:
      return domain::CommentDeleted{domain::CommentId{subject}, std::move(author)};
    case UpdateType::member_joined:
      return domain::MemberAdded{subject, domain::UserId::trusted(row.text(5)), std::move(author)};
    case UpdateType::member_left:
      return domain::MemberRemoved{subject, domain::UserId::trusted(row.text(5)), std::move(author)};
    case UpdateType::conversation_updated:
      return read_change(row, subject, std::move(author));
    case UpdateType::notification:
      return domain::NotificationAdded{domain::NotificationId{subject}, std::move(author),
                                       domain::NotificationText::trusted(row.text(7))};
  }
  throw std::runtime_error{"an update in the database is of an unknown type"};
}

}  // namespace

domain::Update read_update(const Row& row, const domain::ChannelKey& channel) {
  return domain::Update{channel, row.number(0), row.time(2), read_body(row)};
}

}  // namespace danwa::infra::pg
