#pragma once

#include "domain/account/credential.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/repositories.hpp"

namespace danwa::usecase {

/// Decides whether a user may enter a conversation now, by its visibility and members on the master. Thread safe.
///
/// A reader calls it after its read. The data is then older than the decision, so nothing that came after the end of a
/// membership can leak.
///
///     auto page = co_await log.read(...);
///     auto view = co_await access.require_entered(who, conversation);
///     if (!view) co_return fail(std::move(view).error());
class ConversationAccess final : public AccessCheck {
 public:
  explicit ConversationAccess(ConversationRepository& conversations) : conversations_{conversations} {}

  Async<domain::Result<Answer>> check(AccessGuard guard) override;

  /// The conversation as `who` sees it, if they may read, watch or send in it. Does not check grants. Errors:
  /// `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<ConversationRepository::AccessContext>> require_entered(
      domain::Credential who, domain::ConversationKey conversation) const;

 private:
  ConversationRepository& conversations_;
};

}  // namespace danwa::usecase
