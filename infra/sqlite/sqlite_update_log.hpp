#pragma once

#include "infra/sqlite/database_runner.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::infra {

/// The logs of all channels in SQLite. Thread safe.
class SqliteUpdateLog final : public usecase::UpdateLog {
 public:
  explicit SqliteUpdateLog(DatabaseRunner& runner) : runner_{runner} {}

  usecase::Async<domain::Result<Head>> head(domain::ChannelKey channel, usecase::ReadFrom from) override;
  usecase::Async<domain::Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                            usecase::PageSize size, usecase::Freshness wanted) override;
  usecase::Async<domain::Result<Listing>> conversations(ListingWish wish, usecase::Freshness wanted) override;
  usecase::Async<domain::Result<domain::Position>> position() override;

 private:
  DatabaseRunner& runner_;
};

}  // namespace danwa::infra
