#pragma once

#include <optional>
#include <string>

#include "domain/comment/comment.hpp"
#include "domain/comment/comment_event.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/write_action.hpp"
#include "usecase/ports/comment_repository.hpp"

// Comments and their updates, as rows. All functions run inside a transaction; those that change rows run inside a
// write transaction. They throw SQLite::Exception.
namespace danwa::infra {

/// The channel in whose log the comment stands.
domain::ChannelKey channel_of(const domain::Comment& comment);

/// The comment, unless it is removed or belongs to another company.
std::optional<domain::Comment> find_comment(Connection& connection, const domain::CompanyId& company,
                                            const domain::CommentId& id);

/// The comment that an earlier request with this key has created.
struct EarlierRequest {
  domain::CommentId comment;
  std::string request_hash;  ///< empty: deleted together with the text, so nothing can be compared
};
std::optional<EarlierRequest> find_earlier(Connection& connection, const domain::Comment& comment,
                                           const std::string& key);

/// Saves the comment and its update under the next seq, which is set in `comment`.
void insert_comment(WriteTransaction& transaction, domain::Comment& comment,
                    const std::optional<usecase::IdempotencyKey>& key);

/// Saves the next state of a comment and its update; returns the seq of the update. `redacts`: also blanks the text in
/// earlier updates of the comment.
domain::Seq replace_comment(WriteTransaction& transaction, const domain::Comment& comment, bool redacts);

/// Blanks the author's data (text, clientRef, and the hash of the request) in the comment's row and in all its updates,
/// and adds the last update; returns its seq.
domain::Seq remove_comment(WriteTransaction& transaction, const domain::Comment& comment, const domain::UserId& by,
                           domain::Timestamp now);

/// The comment columns of a row: key, id, author, content, client_ref, seq, version, created, updated.
domain::Comment read_comment(const Query& row, const domain::CompanyId& company);

}  // namespace danwa::infra
