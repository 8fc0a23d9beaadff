#pragma once

#include <optional>
#include <string>

#include "domain/comment/decisions.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/write_action.hpp"

// Comments and their updates, as rows. All functions run inside a transaction; those that change rows run inside a
// write transaction. They throw SQLite::Exception.
namespace danwa::infra {

/// The comment, unless it is removed or of another company.
std::optional<domain::Comment> find_comment(Connection& connection, const domain::CompanyId& company,
                                            const domain::CommentId& id);

/// What an earlier request of its author with this key has made.
std::optional<domain::EarlierComment> find_earlier(Connection& connection, const domain::Comment& comment,
                                                   const std::string& key);

/// Saves the comment, whose seq is the next, with its update.
void insert_comment(WriteTransaction& transaction, const domain::Comment& comment,
                    const std::optional<domain::IdempotencyKey>& key);

/// Saves the next state of a comment with its update; blanks what earlier updates say of it, when it redacts.
void replace_comment(WriteTransaction& transaction, const domain::CommentModified& modified);

/// Blanks what the author said (text, clientRef, and the hash of the request) in the comment's row and in all its
/// updates, of which `added_seq` is the first, and adds the last one.
void remove_comment(WriteTransaction& transaction, const domain::CommentRemoved& removed, domain::Seq added_seq);

/// The comment columns of a row: key, id, author, content, client_ref, seq, version, created, updated.
domain::Comment read_comment(const Query& row, const domain::CompanyId& company);

}  // namespace danwa::infra
