#include "infra/sqlite/comment_rows.hpp"

#include "infra/sqlite/failpoint.hpp"
#include "infra/sqlite/update_rows.hpp"

// Every change of a comment writes three things in one transaction: the comment's row (its present state), an update
// row (the entry in the log of its conversation), and the new head of the channel, through the channel cache. "Removed
// means gone": a removal, and an edit with `redact`, also blanks the text in all earlier update rows of the comment.
// Their seqs stay, so the log has no holes. Blanked text is still in the write-ahead log; `erases` has it emptied soon.

namespace danwa::infra {
namespace {

/// Blanks the author's data in every update of the comment. The first update gets the type `first`.
void blank_updates(Connection& connection, std::int64_t channel, const domain::Comment& comment, UpdateType first) {
  Query added{connection,
              "UPDATE updates SET content = NULL, client_ref = NULL, type = ? WHERE channel_id = ? AND seq = ?"};
  added.bind(static_cast<std::int64_t>(first)).bind(channel).bind(comment.seq).run();
  Query edits{connection, "UPDATE updates SET content = NULL WHERE subject_id = ? AND type = 1"};
  edits.bind(comment.id.value).run();
}

}  // namespace

domain::ChannelKey channel_of(const domain::Comment& comment) {
  return domain::ChannelKey::conversation(comment.company, comment.conversation);
}

domain::Comment read_comment(const Query& row, const domain::CompanyId& company) {
  return domain::Comment{.id = domain::CommentId{row.uuid(1)},
                         .company = company,
                         .conversation = domain::ConversationKey::trusted(row.text(0)),
                         .author = domain::UserId::trusted(row.text(2)),
                         .content = domain::CommentContent::trusted(row.text(3)),
                         .client_ref = row.optional_text(4),
                         .seq = row.number(5),
                         .version = row.number(6),
                         .created_at = row.time(7),
                         .updated_at = row.time(8)};
}

std::optional<domain::Comment> find_comment(Connection& connection, const domain::CompanyId& company,
                                            const domain::CommentId& id) {
  Query query{connection,
              "SELECT channels.key, comments.id, author, content, client_ref, seq, version, created_ms, updated_ms "
              "FROM comments JOIN channels ON channels.id = channel_id "
              "WHERE comments.id = ? AND comments.company = ? AND removed = 0"};
  if (!query.bind(id.value).bind(company.value()).step()) return std::nullopt;
  return read_comment(query, company);
}

std::optional<EarlierRequest> find_earlier(Connection& connection, const domain::Comment& comment,
                                           const std::string& key) {
  Query query{connection,
              "SELECT id, request_hash FROM comments WHERE company = ? AND author = ? AND idempotency_key = ?"};
  if (!query.bind(comment.company.value()).bind(comment.author.value()).bind(key).step()) return std::nullopt;
  return EarlierRequest{domain::CommentId{query.uuid(0)}, query.text(1)};
}

void insert_comment(WriteTransaction& transaction, domain::Comment& comment,
                    const std::optional<usecase::IdempotencyKey>& key) {
  const auto place =
      transaction.channels.next(transaction.connection, channel_of(comment), comment.created_at, &comment.author);
  comment.seq = place.seq;
  Query query{transaction.connection,
              "INSERT INTO comments(id, channel_id, seq, version, created_ms, updated_ms, company, author, client_ref, "
              "content, idempotency_key, request_hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  query.bind(comment.id.value).bind(place.channel).bind(comment.seq).bind(comment.version);
  query.bind(comment.created_at).bind(comment.updated_at);
  query.bind(comment.company.value()).bind(comment.author.value()).bind(comment.client_ref);
  query.bind(comment.content.value());
  if (key) {
    query.bind(key->key).bind(key->request_hash);
  } else {
    query.bind_null().bind_null();
  }
  query.run();
  // The fault tests kill the process here and expect all rows or none.
  failpoint("after-comment-row");
  insert_update(transaction, place,
                {.type = UpdateType::added,
                 .at = comment.created_at,
                 .subject = comment.id.value,
                 .author = comment.author,
                 .client_ref = comment.client_ref ? &*comment.client_ref : nullptr,
                 .content = &comment.content.value()});
  failpoint("after-update-row");
}

domain::Seq replace_comment(WriteTransaction& transaction, const domain::Comment& comment, bool redacts) {
  const auto place = transaction.channels.next(transaction.connection, channel_of(comment), comment.updated_at);
  Query query{transaction.connection, "UPDATE comments SET version = ?, updated_ms = ?, content = ? WHERE id = ?"};
  query.bind(comment.version).bind(comment.updated_at).bind(comment.content.value()).bind(comment.id.value).run();
  if (redacts) {
    transaction.erases = true;
    Query row{transaction.connection, "UPDATE comments SET client_ref = NULL, request_hash = NULL WHERE id = ?"};
    row.bind(comment.id.value).run();
    blank_updates(transaction.connection, place.channel, comment, UpdateType::added);
  }
  insert_update(transaction, place,
                {.type = UpdateType::updated,
                 .at = comment.updated_at,
                 .subject = comment.id.value,
                 .author = comment.author,
                 .about = redacts ? &adapters::kRedacts : nullptr,
                 .content = &comment.content.value()});
  return place.seq;
}

domain::Seq remove_comment(WriteTransaction& transaction, const domain::Comment& comment, const domain::UserId& by,
                           domain::Timestamp now) {
  Connection& connection = transaction.connection;
  transaction.erases = true;
  const auto place = transaction.channels.next(connection, channel_of(comment), now);
  Query row{connection,
            "UPDATE comments SET removed = 1, content = NULL, client_ref = NULL, request_hash = NULL, updated_ms = ? "
            "WHERE id = ?"};
  row.bind(now).bind(comment.id.value).run();
  blank_updates(connection, place.channel, comment, UpdateType::added_and_removed);
  insert_update(transaction, place,
                {.type = UpdateType::deleted,
                 .at = now,
                 .subject = comment.id.value,
                 .author = comment.author,
                 .about = by == comment.author ? nullptr : &by.value()});
  return place.seq;
}

}  // namespace danwa::infra
