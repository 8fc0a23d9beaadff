#include "infra/sqlite/comment_rows.hpp"

#include "infra/sqlite/failpoint.hpp"
#include "infra/sqlite/update_rows.hpp"

// Every change of a comment writes three things in one transaction: the comment's row (its present state), an update
// row (the entry in the log of its conversation), and the new head of the channel, through the channel cache. "Removed
// means gone": a removal, and an edit with `redact`, also blanks the text in all earlier update rows of the comment.
// Their seqs stay, so the log has no holes. Blanked text is still in the write-ahead log; `erases` has it emptied soon.

namespace danwa::infra {
namespace {

/// Takes what its author said out of every update of the comment, of which `added` is the first, of type `first` then.
void blank_updates(Connection& connection, std::int64_t channel, domain::Seq added_seq, const domain::CommentId& id,
                   UpdateType first) {
  Query added{connection,
              "UPDATE updates SET content = NULL, client_ref = NULL, type = ? WHERE channel_id = ? AND seq = ?"};
  added.bind(static_cast<std::int64_t>(first)).bind(channel).bind(added_seq).run();
  Query edits{connection, "UPDATE updates SET content = NULL WHERE subject_id = ? AND type = 1"};
  edits.bind(id.value).run();
}

}  // namespace

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

std::optional<domain::EarlierComment> find_earlier(Connection& connection, const domain::Comment& comment,
                                                   const std::string& key) {
  Query query{connection,
              "SELECT id, request_hash FROM comments WHERE company = ? AND author = ? AND idempotency_key = ?"};
  if (!query.bind(comment.company.value()).bind(comment.author.value()).bind(key).step()) return std::nullopt;
  return domain::EarlierComment{query.text(1), find_comment(connection, comment.company, {query.uuid(0)})};
}

void insert_comment(WriteTransaction& transaction, const domain::Comment& comment,
                    const std::optional<domain::IdempotencyKey>& key) {
  const auto update = adapters::row_of(comment);
  const auto channel = grow_channel(transaction, update);
  Query query{transaction.connection,
              "INSERT INTO comments(id, channel_id, seq, version, created_ms, updated_ms, company, author, client_ref, "
              "content, idempotency_key, request_hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  query.bind(comment.id.value).bind(channel).bind(comment.seq).bind(comment.version);
  query.bind(comment.created_at).bind(comment.updated_at);
  query.bind(comment.company.value()).bind(comment.author.value()).bind(comment.client_ref);
  query.bind(comment.content.value());
  query.bind(key ? &key->key : nullptr).bind(key ? &key->request_hash : nullptr).run();
  failpoint("after-comment-row");
  insert_update(transaction, channel, update);
  failpoint("after-update-row");
}

void replace_comment(WriteTransaction& transaction, const domain::CommentModified& modified) {
  const domain::Comment& comment = modified.comment;
  const auto update = adapters::row_of(modified);
  const auto channel = grow_channel(transaction, update);
  Query query{transaction.connection, "UPDATE comments SET version = ?, updated_ms = ?, content = ? WHERE id = ?"};
  query.bind(comment.version).bind(comment.updated_at).bind(comment.content.value()).bind(comment.id.value).run();
  if (modified.redacts) {
    transaction.erases = true;
    Query row{transaction.connection, "UPDATE comments SET client_ref = NULL, request_hash = NULL WHERE id = ?"};
    row.bind(comment.id.value).run();
    blank_updates(transaction.connection, channel, comment.seq, comment.id, UpdateType::added);
  }
  insert_update(transaction, channel, update);
}

void remove_comment(WriteTransaction& transaction, const domain::CommentRemoved& removed, domain::Seq added_seq) {
  transaction.erases = true;
  Query row{transaction.connection,
            "UPDATE comments SET removed = 1, content = NULL, client_ref = NULL, request_hash = NULL, updated_ms = ? "
            "WHERE id = ?"};
  row.bind(removed.occurred_at).bind(removed.id.value).run();
  const auto channel = append(transaction, removed);
  blank_updates(transaction.connection, channel, added_seq, removed.id, UpdateType::added_and_removed);
}

}  // namespace danwa::infra
