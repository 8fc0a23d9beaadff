#pragma once

#include "infra/sqlite/database_runner.hpp"
#include "infra/storage/repositories.hpp"

namespace danwa::infra {

/// Comments in SQLite. Thread safe.
class SqliteCommentRepository final : public storage::CommentChanges<DatabaseRunner> {
 public:
  using CommentChanges::CommentChanges;

  usecase::Async<domain::Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override;
  usecase::Async<domain::Result<Page>> list(domain::CompanyId company, domain::ConversationKey conversation,
                                            Range range, usecase::Freshness wanted) override;
};

}  // namespace danwa::infra
