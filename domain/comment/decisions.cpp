#include "domain/comment/decisions.hpp"

namespace danwa::domain {
namespace {

Result<void> require_inside(const Credential& who, const Comment& comment, const Result<void>& entered) {
  if (auto readable = require_readable(who, comment); !readable) return readable;
  if (!entered) return entered;
  return require(who, Verb::send, comment.conversation);
}

Result<AddDecision> replay(EarlierComment earlier, const IdempotencyKey& key) {
  if (!earlier.comment) {  // its hash is deleted, too, so this request cannot be compared
    return fail(DomainError{ErrorKind::conflict, "comment-removed", "comment",
                            "The comment made with this Idempotency-Key was removed."});
  }
  if (auto same = same_request(key, earlier.request_hash); !same) return fail(std::move(same).error());
  return AddDecision{std::move(*earlier.comment), true};
}

}  // namespace

Errors comment_not_found() { return not_found("comment", "There is no such comment."); }

Result<void> require_readable(const Credential& who, const Comment& comment) {
  if (who.allows(Verb::read, comment.conversation)) return {};
  return fail(comment_not_found());
}

Result<Comment> decide_edit(const Credential& who, const Comment& comment, const Result<void>& entered,
                            const CommentEdit& edit) {
  if (auto inside = require_inside(who, comment, entered); !inside) return fail(std::move(inside).error());
  return comment.edited(who.user, edit.content, edit.expected_version, edit.now, edit.redact);
}

Result<void> decide_removal(const Credential& who, const Comment& comment, const Result<void>& entered,
                            std::optional<std::uint64_t> expected_version) {
  const bool moderates = who.allows(Verb::moderate, comment.conversation);
  if (auto inside = require_inside(who, comment, entered); !inside && !moderates) return inside;
  return comment.removable(who.user, expected_version, moderates);
}

Result<AddDecision> decide_add(AddFacts facts, const Comment& comment, const std::optional<IdempotencyKey>& key,
                               const std::optional<Errors>& refusal) {
  if (!facts.entered) return fail(std::move(facts.entered).error());
  if (key && facts.earlier) return replay(std::move(*facts.earlier), *key);
  if (refusal) return fail(*refusal);
  AddDecision done{comment};
  done.comment.seq = facts.head + 1;
  return done;
}

Result<CommentModified> decide_modify(const CommentFacts& facts, const EditRule& rule, bool redacts) {
  if (!facts.present) return fail(comment_not_found());
  auto next = rule(*facts.present, facts.entered);
  if (!next) return fail(std::move(next).error());
  return CommentModified{std::move(*next), facts.head + 1, redacts};
}

Result<CommentRemoved> decide_remove(const CommentFacts& facts, const RemovalRule& rule, const UserId& by,
                                     Timestamp now) {
  if (!facts.present) return fail(comment_not_found());
  const Comment& gone = *facts.present;
  if (auto allowed = rule(gone, facts.entered); !allowed) return fail(std::move(allowed).error());
  return CommentRemoved{gone.id, gone.company, gone.conversation, gone.author, by, facts.head + 1, now};
}

}  // namespace danwa::domain
