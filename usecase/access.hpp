#pragma once

#include "domain/account/credential.hpp"
#include "usecase/conversation_facts.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/repositories.hpp"

namespace danwa::usecase {

/// Decides whether a user may enter a conversation now, by its visibility and members: on the master, or as the node
/// knows them (ConversationFacts). Thread safe.
///
/// A reader calls it after its read. The data is then older than the decision, so nothing that came after the end of a
/// membership can leak.
///
///     auto page = co_await log.read(...);
///     auto view = co_await access.require_entered(who, conversation);
///     if (!view) co_return fail(std::move(view).error());
class ConversationAccess final : public AccessCheck {
 public:
  /// `facts` may be null: then the master answers everything. Both outlive this object.
  explicit ConversationAccess(ConversationRepository& conversations, ConversationFacts* facts = nullptr)
      : conversations_{conversations}, facts_{facts} {}

  Async<domain::Result<Answer>> check(AccessGuard guard) override;

  /// The conversation as `who` sees it, if they may read, watch or send in it. Does not check grants. Errors:
  /// `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<ConversationRepository::AccessContext>> require_entered(
      domain::Credential who, domain::ConversationKey conversation) const;

  struct Entered {
    domain::Seq head = 0;  ///< of the conversation's log: the caller may enter as of it
    domain::Epoch epoch;
  };
  /// The same for who watches or reads the log, mostly without a read of the database: callers that come together to a
  /// conversation that the node does not know share one. `wanted` is what the decision must cover.
  Async<domain::Result<Entered>> require_reader(domain::Credential who, domain::ConversationKey conversation,
                                                ConversationFacts::Wanted wanted) const;

 private:
  Async<domain::Result<Entered>> read_shared(domain::Credential who, domain::ConversationKey conversation,
                                             domain::ChannelKey channel) const;

  ConversationRepository& conversations_;
  ConversationFacts* facts_;
};

}  // namespace danwa::usecase
