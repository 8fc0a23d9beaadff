#pragma once

#include "infra/postgres/database_runner.hpp"
#include "usecase/ports/comment_repository.hpp"

namespace danwa::infra::pg {

/// Comments in PostgreSQL. A comment is read from the master, a page of them from a replica. Thread safe.
class PostgresCommentRepository final : public usecase::CommentRepository {
 public:
  explicit PostgresCommentRepository(DatabaseRunner& runner) : runner_{runner} {}

  usecase::Async<domain::Result<Added>> add(domain::Comment comment, std::optional<usecase::IdempotencyKey> key,
                                            std::optional<domain::Errors> refusal) override;
  usecase::Async<domain::Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override;
  usecase::Async<domain::Result<Modified>> modify(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                  Edit edit, EarlierTexts earlier) override;
  usecase::Async<domain::Result<Removed>> remove(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                 Check check, domain::Timestamp now) override;
  usecase::Async<domain::Result<Page>> list(domain::CompanyId company, domain::ConversationKey conversation,
                                            Range range, usecase::Freshness wanted) override;

 private:
  DatabaseRunner& runner_;
};

}  // namespace danwa::infra::pg
