#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/postgres/postgres_database.hpp"
#include "infra/postgres/primary_connection.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/session.hpp"
#include "infra/storage/replica.hpp"
#include "infra/storage/tasks.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::postgres {

/// A read: a script, and the function that makes a result of its answers. Runs on: the io thread.
class ReadTask : public storage::Task<const std::vector<Rows>&> {
 public:
  explicit ReadTask(Script script) : script_{std::move(script)} {}

  const Script& script() const { return script_; }

  std::size_t losses = 0;  ///< connections that were lost while it ran

 private:
  const Script script_;
};

/// A few connections to one server, for reads. One is opened when reads wait and no connection is free. A member takes
/// a read only while it is connected. If a role, a pooler or the server grants fewer connections than configured, reads
/// wait for the existing ones, and a log line says how many there are. Without any connection, waiting reads fail with
/// `database-failed`.
///
/// Bound: `reader_queue` waiting reads. Further reads fail with `database-busy`, and so do reads that have waited
/// longer than `patience`. A read whose connection to the master is lost is repeated, at most once per member, because
/// the connections of the other members may be dead as well. A replica's read fails instead, and the caller repeats it
/// on the master. Reads are served on the io thread.
class ReaderPool {
 public:
  ReaderPool(boost::asio::io_context& io, const std::string& url, Role role, const PostgresOptions& options,
             adapters::Logger& log, delivery::Counter& reads);  ///< `reads` counts them
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
    Member(boost::asio::io_context& io, const std::string& url, Role role, const PostgresOptions& options)
        : link{io, url, role, options.connect_timeout, {.statement = options.statement_timeout}},
          cancellable_sleep{io} {}
    PrimaryConnection link;
    CancellableSleep cancellable_sleep;  ///< until the next try to connect
  };
  usecase::Async<void> serve(Member& member);
  usecase::Async<bool> connect(Member& member);
  usecase::Async<bool> wanted(const Member& member);
  usecase::Async<std::unique_ptr<ReadTask>> next();
  usecase::Async<void> expire();
  usecase::Async<void> perform(std::unique_ptr<ReadTask> task, PrimaryConnection& link);
  usecase::Async<void> attempt(ReadTask& task, PrimaryConnection& link);
  void refused(const Failure& why);
  void fail_waiting(const domain::Errors& errors, std::chrono::steady_clock::time_point queued_before);
  std::size_t reads_waiting();
  std::size_t connected() const;

  boost::asio::io_context& io_;
  const Role role_;
  const std::chrono::milliseconds patience_;
  const std::chrono::milliseconds limit_;
  adapters::QuietLog log_;
  delivery::Counter& reads_;
  AsyncEvent arrived_;  ///< signals a read, to members with a connection
  AsyncEvent short_;    ///< signals a shortage of connections, to members without one
  CancellableSleep expiry_;
  std::vector<std::unique_ptr<Member>> members_;
  std::function<bool()> may_grow_ = [] { return true; };
  std::size_t connecting_ = 0;  ///< members that are connecting; io thread only
  std::size_t told_ = 0;        ///< number of connections in the latest warning; 0: as many as configured
  std::atomic<bool> reachable_{true};
  std::mutex mutex_;  // the members below: any thread pushes, the io thread takes
  storage::WaitingTasks<ReadTask> waiting_;
  std::size_t idle_ = 0;    ///< connected members that wait for a read
  std::size_t absent_ = 0;  ///< members without a connection that wait until one more is wanted
};

/// The standbys, and which of them serve reads now: those that answer, are still standbys, belong to this log, and are
/// at most `max_lag` behind the master. Any other standby leaves the rotation, and returns as soon as it meets these
/// conditions.
class ReplicaRotation {
 public:
  /// `epoch`: of the log; a replica of another one is left out.
  ReplicaRotation(boost::asio::io_context& io, const PostgresOptions& options, const storage::MasterTrail& master,
                  std::string epoch, adapters::Logger& log, delivery::Counter& reads);

  /// The next serving replica in turn; null if there is none. Thread safe.
  ReaderPool* pick();

  std::size_t serving() const;  ///< thread safe

  /// Sets the epoch of the log, which has changed. Runs on: the io thread.
  void set_epoch(const std::string& epoch) { epoch_ = epoch; }

  void stop();  ///< thread safe

 private:
  struct Replica {
    Replica(boost::asio::io_context& io, const std::string& url, const PostgresOptions& options, adapters::Logger& log,
            delivery::Counter& reads);
    storage::ReplicaState state;
    ReaderPool pool;
    PrimaryConnection link;  ///< for the checks
    CancellableSleep cancellable_sleep;
  };
  usecase::Async<void> watch(Replica& replica);
  usecase::Async<std::string> fault_of(Replica& replica);

  boost::asio::io_context& io_;
  const storage::MasterTrail& master_;
  const std::chrono::milliseconds interval_;
  const std::chrono::milliseconds limit_;
  std::string epoch_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace danwa::postgres
