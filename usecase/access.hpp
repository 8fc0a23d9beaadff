#pragma once

#include "domain/account/credential.hpp"
#include "domain/comment/comment.hpp"
#include "domain/core/result.hpp"

namespace danwa::usecase {

/// The one answer for a comment that does not exist, was removed, or is not the caller's to know about.
inline domain::Errors comment_not_found() { return domain::not_found("comment", "There is no such comment."); }

inline domain::Errors token_required() {
  return domain::DomainError{domain::ErrorKind::unauthenticated, "token-required", "authorization",
                             "This needs a bearer token."};
}

/// Success for everybody with a name. Errors: `token-required` (unauthenticated).
inline domain::Result<void> require_named(const domain::Credential& who) {
  if (who.anonymous) return domain::fail(token_required());
  return {};
}

/// Success when `who` may use `verb` on the conversation. Errors: `token-required`
/// (unauthenticated), `not-granted` (forbidden).
inline domain::Result<void> require(const domain::Credential& who, domain::Verb verb,
                                    const domain::ConversationKey& conversation) {
  if (who.allows(verb, conversation)) return {};
  if (who.anonymous) return domain::fail(token_required());
  return domain::fail(domain::forbidden("not-granted", "conversation", "The token does not grant this."));
}

/// Success when `who` may change the conversation itself, its members or settings, as far as grants go: by
/// `send` or `moderate`. Errors as for `require`.
inline domain::Result<void> require_change(const domain::Credential& who, const domain::ConversationKey& conversation) {
  if (who.allows(domain::Verb::moderate, conversation)) return {};
  return require(who, domain::Verb::send, conversation);
}

/// A comment that `who` may not read is answered like one that does not exist.
inline domain::Result<void> require_readable(const domain::Credential& who, const domain::Comment& comment) {
  if (who.allows(domain::Verb::read, comment.conversation)) return {};
  return domain::fail(comment_not_found());
}

/// What was decided on a comment, told only to those who may enter its conversation; but that it is not theirs to
/// know about comes first.
template <class T>
domain::Result<T> told_inside(const domain::Result<void>& entered, domain::Result<T> decided) {
  const bool hidden = !decided && decided.error().first().kind == domain::ErrorKind::not_found;
  if (hidden || entered) return decided;
  return domain::fail(entered.error());
}

/// As whom `who` is looked up among members: nobody without a name is one, whoever is called "anonymous".
inline domain::UserId member_name(const domain::Credential& who) {
  return who.anonymous ? domain::UserId::trusted("") : who.user;
}

}  // namespace danwa::usecase
