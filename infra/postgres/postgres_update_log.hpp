#pragma once

#include "infra/postgres/database_runner.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::infra::pg {

/// The logs of all channels in PostgreSQL. Thread safe.
class PostgresUpdateLog final : public usecase::UpdateLog {
 public:
  explicit PostgresUpdateLog(DatabaseRunner& runner) : runner_{runner} {}

  usecase::Async<domain::Result<Head>> head(domain::ChannelKey channel, usecase::ReadFrom from) override;
  usecase::Async<domain::Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                            usecase::PageSize size, usecase::Freshness wanted) override;
  usecase::Async<domain::Result<Listing>> conversations(ListingWish wish, usecase::Freshness wanted) override;
  usecase::Async<domain::Result<domain::Position>> position() override;

 private:
  DatabaseRunner& runner_;
};

}  // namespace danwa::infra::pg
