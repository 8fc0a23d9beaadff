#pragma once

#include "domain/account/credential.hpp"
#include "domain/comment/comment.hpp"
#include "domain/core/result.hpp"

namespace danwa::usecase {

/// The error for a comment that does not exist, was removed, or must stay hidden from the caller. One answer for all
/// three, so that it discloses nothing.
inline domain::Errors comment_not_found() { return domain::not_found("comment", "There is no such comment."); }

inline domain::Errors token_required() {
  return domain::DomainError{domain::ErrorKind::unauthenticated, "token-required", "authorization",
                             "This needs a bearer token."};
}

/// Succeeds for every caller with a name. Errors: `token-required` (unauthenticated).
inline domain::Result<void> require_named(const domain::Credential& who) {
  if (who.anonymous) return domain::fail(token_required());
  return {};
}

/// Succeeds if `who` may use `verb` on the conversation. Errors: `token-required` (unauthenticated), `not-granted`
/// (forbidden).
inline domain::Result<void> require(const domain::Credential& who, domain::Verb verb,
                                    const domain::ConversationKey& conversation) {
  if (who.allows(verb, conversation)) return {};
  if (who.anonymous) return domain::fail(token_required());
  return domain::fail(domain::forbidden("not-granted", "conversation", "The token does not grant this."));
}

/// Succeeds if the grants of `who` allow a change of the conversation itself, its members or settings: by `send` or
/// `moderate`. Errors as for `require`.
inline domain::Result<void> require_change(const domain::Credential& who, const domain::ConversationKey& conversation) {
  if (who.allows(domain::Verb::moderate, conversation)) return {};
  return require(who, domain::Verb::send, conversation);
}

/// Succeeds if `who` may read the comment. Otherwise the answer is that of a comment that does not exist.
inline domain::Result<void> require_readable(const domain::Credential& who, const domain::Comment& comment) {
  if (who.allows(domain::Verb::read, comment.conversation)) return {};
  return domain::fail(comment_not_found());
}

/// The decision on a comment, for callers who may enter its conversation; other callers get the error of `entered`. A
/// `not_found` comes first, because it hides the comment itself.
template <class T>
domain::Result<T> told_inside(const domain::Result<void>& entered, domain::Result<T> decided) {
  const bool hidden = !decided && decided.error().first().kind == domain::ErrorKind::not_found;
  if (hidden || entered) return decided;
  return domain::fail(entered.error());
}

/// The name under which `who` is looked up among members. Callers without a name are nobody's member, even if a user is
/// called "anonymous".
inline domain::UserId member_name(const domain::Credential& who) {
  return who.anonymous ? domain::UserId::trusted("") : who.user;
}

}  // namespace danwa::usecase
