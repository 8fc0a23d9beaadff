#pragma once

#include <optional>
#include <string>

#include "domain/comment/comment.hpp"
#include "domain/comment/comment_event.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/write_action.hpp"
#include "usecase/ports/comment_repository.hpp"

// Comments and the updates they cause, as rows. The functions that change rows are called inside a write
// transaction, all of them inside some transaction. They throw SQLite::Exception.
namespace danwa::infra {

/// The channel in whose log the comment stands.
domain::ChannelKey channel_of(const domain::Comment& comment);

/// The comment, unless it is removed or of another company.
std::optional<domain::Comment> find_comment(Connection& connection, const domain::CompanyId& company,
                                            const domain::CommentId& id);

/// What an earlier request with this key has made.
struct EarlierRequest {
  domain::CommentId comment;
  std::string request_hash;  ///< empty: it went with the text, and tells nothing any more
};
std::optional<EarlierRequest> find_earlier(Connection& connection, const domain::Comment& comment,
                                           const std::string& key);

/// Saves the comment under the next seq, which is set in it, with its update.
void insert_comment(WriteTransaction& transaction, domain::Comment& comment,
                    const std::optional<usecase::IdempotencyKey>& key);

/// Saves the next state of a comment with its update; answers the update's seq. `redacts`: blanks what earlier
/// updates say of it.
domain::Seq replace_comment(WriteTransaction& transaction, const domain::Comment& comment, bool redacts);

/// Blanks what the author said (text, clientRef, and the hash of the request) in the comment's row and in all its
/// updates, and adds the last one; answers its seq.
domain::Seq remove_comment(WriteTransaction& transaction, const domain::Comment& comment, const domain::UserId& by,
                           domain::Timestamp now);

/// The comment columns of a row: key, id, author, content, client_ref, seq, version, created, updated.
domain::Comment read_comment(const Query& row, const domain::CompanyId& company);

}  // namespace danwa::infra
