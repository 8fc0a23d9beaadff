#pragma once

#include "infra/postgres/reader_pool.hpp"
#include "infra/storage/changes.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::postgres {

/// Conversations and their members in PostgreSQL. Thread safe.
class PostgresConversationRepository final : public storage::ConversationChanges<DatabaseRunner> {
 public:
  using ConversationChanges::ConversationChanges;

  usecase::Async<domain::Result<AccessContext>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                                     domain::UserId user) override;
  usecase::Async<domain::Result<Members>> members(domain::CompanyId company, domain::ConversationKey conversation,
                                                  domain::UserId viewer, std::optional<domain::UserId> after,
                                                  std::size_t limit) override;
};

/// Comments in PostgreSQL. A comment is read from the master, a page of them from a replica. Thread safe.
class PostgresCommentRepository final : public storage::CommentChanges<DatabaseRunner> {
 public:
  using CommentChanges::CommentChanges;

  usecase::Async<domain::Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override;
  usecase::Async<domain::Result<Page>> list(domain::CompanyId company, domain::ConversationKey conversation,
                                            Range range, usecase::Freshness wanted) override;
};

/// The logs of all channels in PostgreSQL. Thread safe.
class PostgresUpdateLog final : public usecase::UpdateLog {
 public:
  explicit PostgresUpdateLog(DatabaseRunner& runner) : runner_{runner} {}

  usecase::Async<domain::Result<Head>> head(domain::ChannelKey channel, usecase::ReadFrom from) override;
  usecase::Async<domain::Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                            usecase::PageSize size, usecase::Freshness wanted) override;
  usecase::Async<domain::Result<Listing>> conversations(ListingRequest request, usecase::Freshness wanted) override;
  usecase::Async<domain::Result<domain::Position>> position() override;

 private:
  DatabaseRunner& runner_;
};

}  // namespace danwa::postgres
