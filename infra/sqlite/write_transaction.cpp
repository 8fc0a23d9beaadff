#include "infra/sqlite/write_transaction.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>

#include "infra/sqlite/failpoint.hpp"
#include "infra/sqlite/rows.hpp"

// The statements of the writer. An action sees the transaction in two ways: as facts to decide on, and as rows to
// write. A fact includes the changes of earlier actions of the batch, whose rows are in the same transaction; heads
// come from ChannelHeadCache, since their rows are written only before the commit. Each change grows the log of its
// channel by one row with the next seq, in the same transaction as the rows of the change.
//
// Removal blanks texts and keeps rows, so the log has no hole. `erases` then has the write-ahead log emptied, too.

namespace danwa::sqlite {

using adapters::kSql;
using adapters::UpdateType;
using domain::Visibility;

domain::Position WriteTransaction::position() {
  if (!epoch) epoch = read_epoch(connection);
  return {*epoch, last_update ? static_cast<std::uint64_t>(last_update->position) : newest_position(connection)};
}

// --- facts -----------------------------------------------------------------------------------------------------------

domain::Result<void> WriteTransaction::enter(const domain::ChannelKey& channel, const domain::UserId& user) {
  const auto visibility = channels.look(connection, channel).visibility;
  if (visibility == Visibility::open) return {};  // reads no member row
  const auto found = member(channel, user);
  return domain::enter(visibility, found ? std::optional{found->role} : std::nullopt);
}

domain::ConversationView WriteTransaction::view(const domain::ChannelKey& channel, const domain::UserId& user) {
  auto view = read_view(connection, channel, user);
  view.head = head(channel);  // may be ahead of the row
  return view;
}

std::optional<domain::Member> WriteTransaction::member(const domain::ChannelKey& channel, const domain::UserId& user) {
  Query query{connection, "SELECT user, role, joined_ms, seq FROM members WHERE channel_id = ? AND user = ?"};
  if (!query.bind(channels.look(connection, channel).channel).bind(user.value()).step()) return std::nullopt;
  return adapters::read_member(query);
}

bool WriteTransaction::is_alone(const domain::ChannelKey& channel, const domain::UserId& user) {
  if (channels.writers(connection, channel).others_than(user)) return false;
  Query query{connection, "SELECT 1 FROM members WHERE channel_id = ? AND user <> ? LIMIT 1"};
  return !query.bind(channels.look(connection, channel).channel).bind(user.value()).step();
}

std::vector<domain::UserId> WriteTransaction::outsiders(const domain::ChannelKey& channel) {
  std::vector<domain::UserId> authors;
  const auto known = channels.look(connection, channel);
  const domain::Seq before = known.head - std::min(known.head, domain::kKeptAuthorsWithin);
  Query query{
      connection,
      kSql<"SELECT DISTINCT author FROM updates WHERE channel_id = ? AND seq > ? AND type = # AND NOT EXISTS "
           "(SELECT 1 FROM members WHERE members.channel_id = updates.channel_id AND user = author) AND author NOT IN "
           "(SELECT about FROM updates WHERE channel_id = ? AND seq > ? AND type = # AND about <> author) "
           "ORDER BY author",
           UpdateType::added, UpdateType::member_left>};
  query.bind(known.channel).bind(before).bind(known.channel).bind(before);
  while (query.step()) authors.push_back(domain::UserId::trusted(query.text(0)));
  return authors;
}

std::optional<domain::Comment> WriteTransaction::comment(const domain::CompanyId& company,
                                                         const domain::CommentId& id) {
  return find_comment(connection, company, id);
}

std::optional<domain::EarlierComment> WriteTransaction::earlier_comment(const storage::Request& request) {
  Query query{connection,
              "SELECT id, request_hash FROM comments WHERE company = ? AND author = ? AND idempotency_key = ?"};
  query.bind(request.company.value()).bind(request.sender.value()).bind(request.key);
  if (!query.step()) return std::nullopt;
  return domain::EarlierComment{query.text(1), comment(request.company, {query.uuid(0)})};
}

std::optional<domain::EarlierNotification> WriteTransaction::earlier_notification(const storage::Request& request) {
  Query query{connection,
              kSql<"SELECT r.request_hash, u.subject_id, c.kind, c.key, u.author, u.content, r.seq, u.occurred_ms "
                   "FROM notification_requests r LEFT JOIN channels c ON c.id = r.channel_id "
                   "LEFT JOIN updates u ON u.channel_id = r.channel_id AND u.seq = r.seq AND u.type = # "
                   "WHERE r.company = ? AND r.sender = ? AND r.idempotency_key = ?",
                   UpdateType::notification>};
  query.bind(request.company.value()).bind(request.sender.value()).bind(request.key);
  if (!query.step()) return std::nullopt;
  if (query.is_null(1) || query.is_null(3)) {
    throw SQLite::Exception{"a notification that was asked for before is not in its inbox", SQLITE_CORRUPT};
  }
  return adapters::read_earlier_notification(query, request.company);
}

// --- rows ------------------------------------------------------------------------------------------------------------

std::int64_t WriteTransaction::grow(const adapters::NewUpdate& update) {
  const auto place = channels.next(connection, update.channel, update.at, update.writer());
  if (place.seq != update.seq) throw std::logic_error{"an update was decided for another seq than the next"};
  return place.channel;
}

void WriteTransaction::insert_update(std::int64_t channel, const adapters::NewUpdate& update) {
  Query query{connection,
              "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  query.bind(channel).bind(update.seq).bind(static_cast<std::int64_t>(update.type)).bind(update.at);
  query.bind(update.subject).bind(update.author.value());
  query.bind(update.about).bind(update.client_ref).bind(update.content).run();
  const auto position = connection.last_insert_id();
  channels.written(position);
  last_update = CommitMarker{position, update.subject, update.seq};
}

void WriteTransaction::insert_comment(const domain::Comment& comment,
                                      const std::optional<domain::IdempotencyKey>& key) {
  const auto update = adapters::row_of(comment);
  const auto channel = grow(update);
  Query query{connection,
              "INSERT INTO comments(id, channel_id, seq, version, created_ms, updated_ms, company, author, client_ref, "
              "content, idempotency_key, request_hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  query.bind(comment.id.value).bind(channel).bind(comment.seq).bind(comment.version);
  query.bind(comment.created_at).bind(comment.updated_at);
  query.bind(comment.company.value()).bind(comment.author.value()).bind(comment.client_ref);
  query.bind(comment.content.value());
  query.bind(key ? &key->key : nullptr).bind(key ? &key->request_hash : nullptr).run();
  failpoint("after-comment-row");
  insert_update(channel, update);
  failpoint("after-update-row");
}

void WriteTransaction::replace_comment(const domain::CommentModified& modified) {
  const domain::Comment& comment = modified.comment;
  const auto update = adapters::row_of(modified);
  const auto channel = grow(update);
  Query query{connection, "UPDATE comments SET version = ?, updated_ms = ?, content = ? WHERE id = ?"};
  query.bind(comment.version).bind(comment.updated_at).bind(comment.content.value()).bind(comment.id.value).run();
  if (modified.redacts) {
    erases = true;
    Query row{connection, "UPDATE comments SET client_ref = NULL, request_hash = NULL WHERE id = ?"};
    row.bind(comment.id.value).run();
    blank_updates(channel, comment.seq, comment.id, UpdateType::added);
  }
  insert_update(channel, update);
}

/// Blanks the author's data (text, clientRef, and the hash of the request) in the row of the comment and in all its
/// updates.
void WriteTransaction::remove_comment(const domain::CommentRemoved& removed, domain::Seq added_seq) {
  erases = true;
  Query row{connection,
            "UPDATE comments SET removed = 1, content = NULL, client_ref = NULL, request_hash = NULL, updated_ms = ? "
            "WHERE id = ?"};
  row.bind(removed.occurred_at).bind(removed.id.value).run();
  blank_updates(append(removed), added_seq, removed.id, UpdateType::added_and_removed);
}

/// Blanks the author's data in every update of the comment. Its first update becomes of type `first`.
void WriteTransaction::blank_updates(std::int64_t channel, domain::Seq added_seq, const domain::CommentId& id,
                                     UpdateType first) {
  Query added{connection,
              "UPDATE updates SET content = NULL, client_ref = NULL, type = ? WHERE channel_id = ? AND seq = ?"};
  added.bind(static_cast<std::int64_t>(first)).bind(channel).bind(added_seq).run();
  Query edits{connection,
              kSql<"UPDATE updates SET content = NULL WHERE subject_id = ? AND type = #", UpdateType::updated>};
  edits.bind(id.value).run();
}

void WriteTransaction::insert_notification(const domain::Notification& notification,
                                           const std::optional<domain::IdempotencyKey>& key) {
  const auto inbox = append(notification);
  if (!key) return;
  Query query{connection,
              "INSERT INTO notification_requests(company, sender, idempotency_key, request_hash, notification_id, "
              "channel_id, seq) VALUES(?, ?, ?, ?, ?, ?, ?)"};
  query.bind(notification.to.company.value()).bind(notification.sender.value()).bind(key->key).bind(key->request_hash);
  query.bind(notification.id.value).bind(inbox).bind(notification.seq).run();
}

void WriteTransaction::save_member(std::int64_t channel, const domain::Member& member) {
  Query query{connection,
              "INSERT OR REPLACE INTO members(channel_id, user, role, joined_ms, seq) VALUES(?, ?, ?, ?, ?)"};
  query.bind(channel).bind(member.user.value()).bind(static_cast<std::int64_t>(member.role));
  query.bind(member.joined_at).bind(member.seq).run();
}

void WriteTransaction::delete_member(std::int64_t channel, const domain::UserId& user) {
  Query query{connection, "DELETE FROM members WHERE channel_id = ? AND user = ?"};
  query.bind(channel).bind(user.value()).run();
}

void WriteTransaction::save_settings(const domain::ChannelKey& channel, const domain::Conversation& next) {
  Query query{connection, "UPDATE channels SET title = ?, visibility = ? WHERE id = ?"};
  query.bind(next.title ? &next.title->value() : nullptr);
  query.bind(static_cast<std::int64_t>(next.visibility));
  query.bind(channels.look(connection, channel).channel).run();
  channels.keep_visibility(channel, next.visibility);
}

}  // namespace danwa::sqlite
