#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>

#include "adapters/log/logger.hpp"
#include "adapters/log/quiet_log.hpp"
#include "infra/postgres/link.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "infra/postgres/wakeup.hpp"

namespace danwa::infra::pg {

/// Maintains the monthly partitions of the log: creates those of the coming months and, if `retention` is set, drops
/// old ones. A month is dropped only when every update in it is older. Each channel's `first_seq` first moves past the
/// updates that will go, so that readers learn of the cut and see no hole. Works at the start and every hour, on a
/// connection of its own; several nodes may do so at once without harm. Runs on: the io thread.
class LogKeeper {
 public:
  LogKeeper(boost::asio::io_context& io, const PostgresOptions& options, adapters::Logger& log);

  void stop();  ///< thread safe

 private:
  usecase::Async<void> run();
  usecase::Async<void> keep();
  usecase::Async<std::uint64_t> shorten_logs(const Values& cut);
  usecase::Async<std::uint64_t> drop(const Values& cut);
  usecase::Async<std::uint64_t> ask(const char* sql, Values values);

  boost::asio::io_context& io_;
  const PostgresOptions& options_;
  adapters::QuietLog log_;
  Link link_;
  Nap nap_;
};

}  // namespace danwa::infra::pg
