#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
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
#include "infra/postgres/read_task.hpp"
#include "infra/postgres/wakeup.hpp"

namespace danwa::infra::pg {

/// A few connections to one server, for reads; made when reads wait that no connection is free for. A member takes a
/// read only when it is connected: where a role, a pooler or the server grants fewer connections than are wanted, the
/// reads wait for those that exist, and a log line says how many there are. Without any, what waits is answered
/// `database-failed`.
///
/// Bound: `reader_queue` reads wait, more are answered `database-busy`, and so are those that have waited longer than
/// `patience`. A read whose connection to the master was lost is done again, once for every member, whose connections
/// may be as dead; a replica's is for the master then. Reads are served on the io thread.
class ReaderPool {
 public:
  ReaderPool(boost::asio::io_context& io, const std::string& url, Role role, const PostgresOptions& options,
             adapters::Logger& log);
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  void submit(std::unique_ptr<ReadTask> task);  ///< thread safe; never blocks

  /// Whether a connection could be had when one was last wanted. While it could not, it is tried again. Thread safe.
  bool reachable() const { return reachable_.load(std::memory_order_relaxed); }

  /// More than one connection is made, or kept, only while `may_grow` says so: what matters more than reads comes
  /// first. Set before the io thread runs, which calls it.
  void grow_only_while(std::function<bool()> may_grow) { may_grow_ = std::move(may_grow); }

  /// Answers what waits, refuses what comes later. Thread safe; the io thread ends its coroutines.
  void stop();

  /// Ends what is under way as failed, when the server is known to be gone. Runs on: the io thread.
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
  std::unique_ptr<ReadTask> pop();
  usecase::Async<void> perform(std::unique_ptr<ReadTask> task, Link& link);
  usecase::Async<std::optional<Failure>> attempt(ReadTask& task, Link& link);
  void refused(const Failure& why);
  void fail_waiting(const domain::Errors& errors);
  bool reads_wait();
  std::size_t connected() const;

  boost::asio::io_context& io_;
  const Role role_;
  const std::size_t most_;
  const std::chrono::milliseconds patience_;
  const std::chrono::milliseconds limit_;
  adapters::QuietLog log_;
  Wakeup arrived_;  ///< a read, for a member that is connected
  Wakeup short_;    ///< of connections: for a member that is not
  Nap expiry_;
  std::vector<std::unique_ptr<Member>> members_;
  std::function<bool()> may_grow_ = [] { return true; };
  std::size_t connecting_ = 0;  ///< members, on the io thread
  std::size_t told_ = 0;        ///< connections that the log was last told of; 0: all that are wanted
  std::atomic<bool> reachable_{true};
  std::mutex mutex_;  // the members below: any thread pushes, the io thread takes
  std::deque<std::unique_ptr<ReadTask>> waiting_;
  std::size_t idle_ = 0;    ///< connected members that wait for a read
  std::size_t absent_ = 0;  ///< members without a connection that wait until one more is wanted
  bool closed_ = false;
};

}  // namespace danwa::infra::pg
