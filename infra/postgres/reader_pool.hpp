#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/log/quiet_log.hpp"
#include "infra/postgres/link.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/wakeup.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::infra::pg {

/// A script, of whose answers a read makes its result. Runs on: the io thread.
class ReadTask : public storage::Read<const std::vector<Rows>&> {
 public:
  explicit ReadTask(Script script) : script_{std::move(script)} {}

  const Script& script() const { return script_; }

  std::size_t losses = 0;  ///< connections that were lost under it

 private:
  const Script script_;
};

/// A few connections to one server, for reads; made when reads wait that no connection is free for. A member takes a
/// read only when it is connected: where a role, a pooler or the server grants fewer connections than are wanted, the
/// reads wait for those that exist, and a log line says how many there are. Without any, what waits is answered
/// `database-failed`.
///
/// Bound: `reader_queue` waiting reads. Further reads fail with `database-busy`, and so do reads that have waited
/// longer than `patience`. A read whose connection to the master is lost is repeated, at most once per member, because
/// the connections of the other members may be dead as well. A replica's read fails instead, and the caller repeats it
/// on the master. Reads are served on the io thread.
class ReaderPool {
 public:
  ReaderPool(boost::asio::io_context& io, const std::string& url, Role role, const PostgresOptions& options,
             adapters::Logger& log);
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  void submit(std::unique_ptr<ReadTask> task);  ///< thread safe; never blocks

  /// False if the pool has no connection and the latest attempt failed. The master's pool then keeps trying. Thread
  /// safe.
  bool reachable() const { return reachable_.load(std::memory_order_relaxed); }

  /// The pool opens, or keeps, more than one connection only while `may_grow` returns true, so that more important
  /// connections come first. Set before the io thread runs; the io thread calls it.
  void grow_only_while(std::function<bool()> may_grow) { may_grow_ = std::move(may_grow); }

  /// Answers the waiting reads and rejects later ones. Thread safe; the coroutines end on the io thread.
  void stop();

  /// Fails the calls in progress, when the server is known to be gone. Runs on: the io thread.
  void abort(const char* why);

 private:
  struct Member {
    Member(boost::asio::io_context& io, Link::Needs needs) : link{io, std::move(needs)}, nap{io} {}
    Link link;
    Nap nap;  ///< until the next try to connect
  };
  usecase::Async<void> serve(Member& member);
  usecase::Async<bool> connect(Member& member);
  usecase::Async<bool> wanted(const Member& member);
  usecase::Async<std::unique_ptr<ReadTask>> next();
  usecase::Async<void> expire();
  usecase::Async<void> perform(std::unique_ptr<ReadTask> task, Link& link);
  usecase::Async<std::optional<Failure>> attempt(ReadTask& task, Link& link);
  void refused(const Failure& why);
  void fail_waiting(const domain::Errors& errors);
  bool reads_wait();
  std::size_t connected() const;

  boost::asio::io_context& io_;
  const Role role_;
  const std::chrono::milliseconds patience_;
  const std::chrono::milliseconds limit_;
  adapters::QuietLog log_;
  Wakeup arrived_;  ///< signals a read, to members with a connection
  Wakeup short_;    ///< signals a shortage of connections, to members without one
  Nap expiry_;
  std::vector<std::unique_ptr<Member>> members_;
  std::function<bool()> may_grow_ = [] { return true; };
  std::size_t connecting_ = 0;  ///< members that are connecting; io thread only
  std::size_t told_ = 0;        ///< number of connections in the latest warning; 0: all that are wanted
  std::atomic<bool> reachable_{true};
  std::mutex mutex_;  // the members below: any thread pushes, the io thread takes
  storage::WaitingTasks<ReadTask> waiting_;
  std::size_t idle_ = 0;    ///< connected members that wait for a read
  std::size_t absent_ = 0;  ///< members without a connection that wait until one more is wanted
};

}  // namespace danwa::infra::pg
