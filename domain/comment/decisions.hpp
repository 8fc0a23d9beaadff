#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "domain/comment/comment.hpp"
#include "domain/core/keys.hpp"

// The rules of all changes of comments, as pure functions. Each takes the facts that a storage has read and the change
// that a caller asks for. It returns the event to write and publish, or the reason against the change. Every storage
// reads the facts, calls the function and writes the event inside one transaction. None has a rule of its own, so all
// behave alike.
namespace danwa::domain {

/// The same error for a comment that does not exist, was removed, or that the caller may not know about.
Errors comment_not_found();

/// A comment that `who` may not read is answered like one that does not exist. Errors: `not_found`.
Result<void> require_readable(const Credential& who, const Comment& comment);

/// An edit that a client asks for.
struct CommentEdit {
  CommentContent content;
  std::optional<std::uint64_t> expected_version;  ///< refused if the comment has another one
  bool redact = false;                            ///< deletes the earlier texts
  Timestamp now;
};

/// The state of `comment` after `who` has edited it. `entered`: whether they may enter its conversation.
///
/// The order of the errors is a rule, too. 404 comes first, so a caller who may not know about the comment does not
/// learn from another error that it exists. `not-a-member` is second, so an outsider learns nothing else about it. Then
/// come `not-granted`, `not-the-author`, `version-mismatch`.
Result<Comment> decide_edit(const Credential& who, const Comment& comment, const Result<void>& entered,
                            const CommentEdit& edit);

/// Whether `who` may remove `comment`. A moderator needs no membership for it. Errors as for `decide_edit`.
Result<void> decide_removal(const Credential& who, const Comment& comment, const Result<void>& entered,
                            std::optional<std::uint64_t> expected_version);

/// The comment that an earlier request with the same idempotency key made.
struct EarlierComment {
  std::string request_hash;        ///< empty: it was deleted with the text, and fits every request
  std::optional<Comment> comment;  ///< absent: it was removed
};

struct AddFacts {
  Result<void> entered;                   ///< whether the author may enter the conversation
  std::optional<EarlierComment> earlier;  ///< of the request's key, if it has one
  Seq head = 0;                           ///< of the conversation's log
};

struct AddDecision {
  Comment comment;        ///< with its seq
  bool replayed = false;  ///< an earlier request made it: there is nothing to write
};

/// A new comment takes the next seq. A retry gets the earlier comment as it is now, even if this node would refuse it
/// as a new one (`refusal`). Errors: those of `entered`; `comment-removed` (conflict); `idempotency-key-reused`; the
/// refusal.
Result<AddDecision> decide_add(AddFacts facts, const Comment& comment, const std::optional<IdempotencyKey>& key,
                               const std::optional<Errors>& refusal);

/// The facts for a change of a comment.
struct CommentFacts {
  std::optional<Comment> present{};  ///< absent: it does not exist in the company, or was removed
  Result<void> entered{};            ///< whether the caller may enter its conversation
  Seq head = 0;                      ///< of the conversation's log
};

/// Decides on the present state: `decide_edit` or `decide_removal` for a credential, and the preconditions of the
/// request.
using EditRule = std::function<Result<Comment>(const Comment&, const Result<void>& entered)>;
using RemovalRule = std::function<Result<void>(const Comment&, const Result<void>& entered)>;

/// The edit takes the next seq. `redacts` blanks the earlier texts, the clientRef and the request hash. Errors:
/// `not_found`; those of `rule`.
Result<CommentModified> decide_modify(const CommentFacts& facts, const EditRule& rule, bool redacts);

/// The removal by `by` takes the next seq. Errors as for `decide_modify`.
Result<CommentRemoved> decide_remove(const CommentFacts& facts, const RemovalRule& rule, const UserId& by,
                                     Timestamp now);

}  // namespace danwa::domain
