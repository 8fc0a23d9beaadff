#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "domain/comment/comment.hpp"
#include "domain/core/keys.hpp"

// The rules of all changes of comments, as pure functions: from facts that were read, and from the change that somebody
// asks for, to the event that is to be written and published, or to the reason against it. Every storage reads the
// facts, calls the function and writes the event inside one transaction; none has a rule of its own.
namespace danwa::domain {

/// The one answer for a comment that does not exist, was removed, or is not the caller's to know about.
Errors comment_not_found();

/// A comment that `who` may not read is answered like one that does not exist. Errors: `not_found`.
Result<void> require_readable(const Credential& who, const Comment& comment);

/// An edit that a client asks for.
struct CommentEdit {
  CommentContent content;
  std::optional<std::uint64_t> expected_version;  ///< refused when the comment has another one
  bool redact = false;                            ///< the texts that it had before go
  Timestamp now;
};

/// The next state of `comment` when `who` edits it; `entered` says whether they may enter its conversation.
///
/// The order of the errors is a rule, too: 404 comes first, so that a caller who may not know of the comment does not
/// learn of it from another error; then `not-a-member`, so that an outsider learns nothing else of it; then
/// `not-granted`, `not-the-author`, `version-mismatch`.
Result<Comment> decide_edit(const Credential& who, const Comment& comment, const Result<void>& entered,
                            const CommentEdit& edit);

/// Whether `who` may remove `comment`. A moderator needs no membership for it. Errors as for `decide_edit`.
Result<void> decide_removal(const Credential& who, const Comment& comment, const Result<void>& entered,
                            std::optional<std::uint64_t> expected_version);

/// The comment that an earlier request with the same idempotency key made.
struct EarlierComment {
  std::string request_hash;        ///< empty: it went with the text, and tells nothing any more
  std::optional<Comment> comment;  ///< absent: it was removed
};

struct AddFacts {
  Result<void> entered;                   ///< whether the author may enter the conversation
  std::optional<EarlierComment> earlier;  ///< of the key, where the request has one
  Seq head = 0;                           ///< of the conversation's log
};

struct AddDecision {
  Comment comment;        ///< with its seq
  bool replayed = false;  ///< an earlier request made it: there is nothing to write
};

/// A new comment takes the next seq. A retry gets the earlier comment, as it is now, also where this node has a
/// `refusal` against new comments of the kind. Errors: those of `entered`; `comment-removed` (conflict);
/// `idempotency-key-reused`; the refusal.
Result<AddDecision> decide_add(AddFacts facts, const Comment& comment, const std::optional<IdempotencyKey>& key,
                               const std::optional<Errors>& refusal);

/// A comment that somebody wants to change.
struct CommentFacts {
  std::optional<Comment> present{};  ///< absent: it does not exist in the company, or was removed
  Result<void> entered{};            ///< whether the caller may enter its conversation
  Seq head = 0;                      ///< of the conversation's log
};

/// What the caller may do, on the present state: `decide_edit` or `decide_removal` for a credential, and what else the
/// request depends on.
using EditRule = std::function<Result<Comment>(const Comment&, const Result<void>& entered)>;
using RemovalRule = std::function<Result<void>(const Comment&, const Result<void>& entered)>;

/// The edit takes the next seq. With `redacts`, the earlier texts are blanked, and clientRef and request hash with
/// them. Errors: `not_found`; those of `rule`.
Result<CommentModified> decide_modify(const CommentFacts& facts, const EditRule& rule, bool redacts);

/// The removal by `by` takes the next seq. Errors as for `decide_modify`.
Result<CommentRemoved> decide_remove(const CommentFacts& facts, const RemovalRule& rule, const UserId& by,
                                     Timestamp now);

}  // namespace danwa::domain
