#include "infra/sqlite/update_rows.hpp"

#include <sqlite3.h>

#include "infra/sqlite/channel_rows.hpp"

namespace danwa::infra {
namespace {

[[noreturn]] void refuse(const char* what) { throw SQLite::Exception{what, SQLITE_CORRUPT}; }

std::optional<domain::CommentContent> read_content(const Query& row) {
  if (row.is_null(7)) return std::nullopt;
  return domain::CommentContent::trusted(row.text(7));
}

domain::UpdateBody read_change(const Query& row, const domain::Uuid& id, domain::UserId by) {
  const auto visibility = domain::parse_visibility(row.text(5));
  if (!visibility) refuse("an update in the database has an unknown visibility");
  return domain::ConversationUpdated{id, read_title(row, 7), *visibility, std::move(by)};
}

}  // namespace

void insert_update(WriteTransaction& transaction, const ChannelBook::Place& place, const NewUpdate& update) {
  Query query{transaction.connection,
              "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  query.bind(place.channel).bind(place.seq).bind(static_cast<std::int64_t>(update.type)).bind(update.at);
  query.bind(update.subject).bind(update.author.value());
  query.bind(update.about).bind(update.client_ref).bind(update.content).run();
  transaction.last_update = Witness{transaction.connection.last_insert_id(), update.subject, place.seq};
}

domain::UpdateBody read_body(const Query& row) {
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
  refuse("an update in the database is of an unknown type");
}

}  // namespace danwa::infra
