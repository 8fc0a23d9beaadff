#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/log/quiet_log.hpp"
#include "infra/postgres/link.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "infra/postgres/read_task.hpp"
#include "infra/postgres/wakeup.hpp"

namespace danwa::infra::pg {

/// A few connections to one server, for reads; made on first use. Bound: `reader_queue` reads wait, more are
/// answered `database-busy`, and so are those that have waited longer than `patience`. A read whose connection
/// to the master was lost is done once more on a new one; a replica's is for the master then. Reads are served on the
/// io thread.
class ReaderPool {
 public:
  ReaderPool(boost::asio::io_context& io, const std::string& url, Role role, const PostgresOptions& options,
             adapters::Logger& log);
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  void submit(std::unique_ptr<ReadTask> task);  ///< thread safe; never blocks

  /// Answers what waits, refuses what comes later. Thread safe; the io thread ends its coroutines.
  void stop();

  /// Ends what is under way as failed, when the server is known to be gone. Runs on: the io thread.
  void abort(const char* why);

 private:
  usecase::Async<void> serve(Link& link);
  usecase::Async<std::unique_ptr<ReadTask>> next();
  std::unique_ptr<ReadTask> pop();
  usecase::Async<void> perform(ReadTask& task, Link& link);
  usecase::Async<std::optional<Failure>> attempt(ReadTask& task, Link& link);

  const bool again_;  ///< a read that was lost is tried once more
  const std::size_t most_;
  const std::chrono::milliseconds patience_;
  const std::chrono::milliseconds limit_;
  adapters::QuietLog log_;
  Wakeup arrived_;
  std::vector<std::unique_ptr<Link>> links_;
  std::mutex mutex_;  // the members below: any thread pushes, the io thread takes
  std::deque<std::unique_ptr<ReadTask>> waiting_;
  std::size_t idle_ = 0;  ///< connections that wait for a read
  bool closed_ = false;
};

}  // namespace danwa::infra::pg
