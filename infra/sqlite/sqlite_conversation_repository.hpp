#pragma once

#include "infra/sqlite/database_runner.hpp"
#include "usecase/ports/conversation_repository.hpp"

namespace danwa::infra {

/// Conversations in SQLite. Reads go to the master only. Thread safe.
class SqliteConversationRepository final : public usecase::ConversationRepository {
 public:
  explicit SqliteConversationRepository(DatabaseRunner& runner) : runner_{runner} {}

  usecase::Async<domain::Result<View>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                            domain::UserId user) override;
  usecase::Async<domain::Result<Configured>> configure(Change change, Settings settings, SettingsRule rule) override;
  usecase::Async<domain::Result<Joined>> join(Change change, domain::UserId user, Rule rule) override;
  usecase::Async<domain::Result<Left>> leave(Change change, domain::UserId user, Rule rule) override;
  usecase::Async<domain::Result<Members>> members(domain::CompanyId company, domain::ConversationKey conversation,
                                                  domain::UserId viewer, std::optional<domain::UserId> after,
                                                  std::size_t limit) override;

 private:
  DatabaseRunner& runner_;
};

}  // namespace danwa::infra
