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

/// Makes the months of the log that come next and, where `retention` is set, lets old ones go: whole months, once
/// every update in them is older. First each channel's `first_seq` moves behind what is to go, so that readers are
/// told and see no hole; then the months are dropped. Works at the start and every hour, on a connection of its
/// own; that several nodes do so at once harms nothing. Runs on: the io thread.
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
