#pragma once

#include "infra/postgres/database_runner.hpp"
#include "infra/storage/repositories.hpp"

namespace danwa::infra::pg {

/// Comments in PostgreSQL. A comment is read from the master, a page of them from a replica. Thread safe.
class PostgresCommentRepository final : public storage::CommentChanges<DatabaseRunner> {
 public:
  using CommentChanges::CommentChanges;

  usecase::Async<domain::Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override;
  usecase::Async<domain::Result<Page>> list(domain::CompanyId company, domain::ConversationKey conversation,
                                            Range range, usecase::Freshness wanted) override;
};

}  // namespace danwa::infra::pg
