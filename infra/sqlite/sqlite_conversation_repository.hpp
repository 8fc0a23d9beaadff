#pragma once

#include "infra/sqlite/database_runner.hpp"
#include "infra/storage/repositories.hpp"

namespace danwa::infra {

/// Conversations and their members in SQLite. Thread safe.
class SqliteConversationRepository final : public storage::ConversationChanges<DatabaseRunner> {
 public:
  using ConversationChanges::ConversationChanges;

  usecase::Async<domain::Result<View>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                            domain::UserId user) override;
  usecase::Async<domain::Result<Members>> members(domain::CompanyId company, domain::ConversationKey conversation,
                                                  domain::UserId viewer, std::optional<domain::UserId> after,
                                                  std::size_t limit) override;
};

}  // namespace danwa::infra
