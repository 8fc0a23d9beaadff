#include "infra/postgres/reader_pool.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

// ReaderPool: one coroutine per member: it sleeps until connections are short, connects, and then serves one read after
// another from the shared queue. A member that gets no connection never holds a read, so a read never fails for lack of
// one connection while another member could serve it. Connections are opened on demand because the server may grant
// fewer than configured (limit of the role, pooler, `max_connections`). The first one is opened alone: PostgreSQL
// counts attempts in progress, and would refuse all of several at once where it has room for one. Another coroutine
// fails reads that have waited too long; a server that hangs could otherwise hold them for ever.
//
// ReplicaRotation: each standby is checked every `tail_interval`, on a connection of its own, so that waiting reads
// cannot delay the check. The log tail notes the ends of the master's log (MasterTrail). When a standby leaves the
// rotation, its reads in progress are aborted, because its server may hang; the callers repeat them on the master.

namespace danwa::postgres {
namespace {

using std::chrono::steady_clock;

constexpr auto kAnyTime = steady_clock::time_point::max();

constexpr std::chrono::milliseconds kAgain{100};   // until the next attempt while there is no connection
constexpr std::chrono::milliseconds kMore{2'000};  // the same while some exist, but fewer than wanted
constexpr std::chrono::milliseconds kExpiry{250};  // between two searches for reads that have waited too long

}  // namespace

ReaderPool::ReaderPool(boost::asio::io_context& io, const std::string& url, Role role, const PostgresOptions& options,
                       adapters::Logger& log, delivery::Counter& reads)
    : io_{io},
      role_{role},
      patience_{options.patience},
      limit_{options.statement_timeout},
      log_{log},
      reads_{reads},
      arrived_{io},
      short_{io},
      expiry_{io},
      waiting_{options.reader_queue} {
  for (std::size_t n = 0; n < options.connections; ++n) {
    members_.push_back(std::make_unique<Member>(io, url, role, options));
    boost::asio::co_spawn(io, serve(*members_.back()), boost::asio::detached);
  }
  boost::asio::co_spawn(io, expire(), boost::asio::detached);
}

void ReaderPool::submit(std::unique_ptr<ReadTask> task) {
  reads_.add();
  std::unique_lock lock{mutex_};
  if (!waiting_.push(std::move(task), lock)) return;
  const bool wake = idle_ > 0;
  const bool more = absent_ > 0 && waiting_.size() > idle_;
  lock.unlock();
  if (wake) arrived_.wake_one();
  if (more) short_.wake_one();
}

void ReaderPool::stop() {
  const std::scoped_lock lock{mutex_};
  waiting_.close();
  arrived_.wake_all();
  short_.wake_all();
  boost::asio::post(io_, [this] {
    expiry_.end();
    for (auto& member : members_) member->cancellable_sleep.end();
  });
}

void ReaderPool::abort(const char* why) {
  for (auto& member : members_) member->link.abort(why);
}

/// The life of a member. If its connection is lost during a read, it waits until a connection is needed again.
usecase::Async<void> ReaderPool::serve(Member& member) {
  for (;;) {
    if (!member.link.is_open()) {
      if (!co_await wanted(member)) break;
      if (!co_await connect(member)) continue;
    }
    auto task = co_await next();
    if (!task) break;
    co_await perform(std::move(task), member.link);
    if (connected() > 1 && !may_grow_()) member.link.drop();  // frees its session for other clients
  }
  member.link.drop();
}

/// Waits until one more connection is wanted. False: the pool ends.
usecase::Async<bool> ReaderPool::wanted(const Member& member) {
  for (;;) {
    const bool none = connected() + connecting_ == 0;
    std::unique_lock lock{mutex_};
    if (waiting_.closed()) {
      lock.unlock();
      if (none) fail_waiting(storage::database_stopped(), kAnyTime);
      co_return false;
    }
    // While the master cannot be reached, one member keeps trying without a read, so that `reachable` recovers by
    // itself.
    const bool probes = role_ == Role::master && &member == members_.front().get();
    if (waiting_.size() > idle_ && (none || (connected() > 0 && may_grow_()))) co_return true;
    if (probes && none && !reachable_) co_return true;
    ++absent_;
    lock.unlock();
    co_await short_.wait();
    lock.lock();
    --absent_;
  }
}

usecase::Async<bool> ReaderPool::connect(Member& member) {
  ++connecting_;
  const auto refusal = co_await failure_of(member.link.connect());
  --connecting_;
  if (refusal) {
    refused(*refusal);
    co_await member.cancellable_sleep.sleep(connected() == 0 ? kAgain : kMore);
    co_return false;
  }
  reachable_ = true;
  const auto have = connected();
  if (have == members_.size()) told_ = 0;
  for (auto more = std::min(reads_waiting(), members_.size() - have); more > 0; --more) short_.wake_one();
  co_return true;
}

/// A connect has failed. Waiting reads fail only if there is no other connection, and none is being made. A shortage is
/// logged once per number of connections, not at every attempt.
void ReaderPool::refused(const Failure& why) {
  const auto have = connected();
  if (have + connecting_ == 0) {
    reachable_ = false;
    if (reads_waiting() > 0) log_.error("database.read-failed", {{"code", why.state()}, {"reason", why.what()}});
    return fail_waiting(to_errors(why), kAnyTime);
  }
  if (have == 0 || std::exchange(told_, have) == have) return;
  log_.plain().warn("database.connections-short",
                    {{"wanted", members_.size()}, {"connected", have}, {"reason", why.what()}});
}

void ReaderPool::fail_waiting(const domain::Errors& errors, steady_clock::time_point queued_before) {
  std::unique_lock lock{mutex_};
  const auto waiting = waiting_.take_late(queued_before);
  lock.unlock();
  for (const auto& task : waiting) task->fail(errors);
}

std::size_t ReaderPool::reads_waiting() {
  const std::scoped_lock lock{mutex_};
  return waiting_.size();
}

std::size_t ReaderPool::connected() const {
  return static_cast<std::size_t>(
      std::count_if(members_.begin(), members_.end(), [](const auto& member) { return member->link.is_open(); }));
}

/// Waits for the next read; null: the pool ends and no read is left.
usecase::Async<std::unique_ptr<ReadTask>> ReaderPool::next() {
  for (;;) {
    {
      const std::scoped_lock lock{mutex_};
      if (!waiting_.empty()) co_return waiting_.pop();
      if (waiting_.closed()) co_return nullptr;
      ++idle_;
    }
    co_await arrived_.wait();
    const std::scoped_lock lock{mutex_};
    --idle_;
  }
}

/// Fails reads that have waited longer than the patience, also while no member is connected.
usecase::Async<void> ReaderPool::expire() {
  while (!expiry_.ended()) {
    co_await expiry_.sleep(kExpiry);
    fail_waiting(storage::database_busy(), steady_clock::now() - patience_);
  }
}

usecase::Async<void> ReaderPool::perform(std::unique_ptr<ReadTask> task, PrimaryConnection& link) {
  if (steady_clock::now() - task->since > patience_) {
    task->fail(storage::database_busy());
    co_return;
  }
  const auto failure = co_await failure_of(attempt(*task, link));
  if (!failure) {
    task->finish();
    co_return;
  }
  if (failure->lost()) link.drop();
  if (failure->lost() && role_ == Role::master && task->losses++ < members_.size()) {
    const std::scoped_lock lock{mutex_};
    waiting_.all().push_front(std::move(task));  // for the next free connection
    if (idle_ > 0) arrived_.wake_one();
    co_return;
  }
  log_.error("database.read-failed", {{"code", failure->state()}, {"reason", failure->what()}});
  task->fail(to_errors(*failure));
}

usecase::Async<void> ReaderPool::attempt(ReadTask& task, PrimaryConnection& link) {
  Connection* connection = co_await link.connected();
  task.perform(co_await connection->run(task.script(), limit_));
}

namespace {

constexpr const char* kLookAtReplica =
    "SELECT pg_is_in_recovery(), coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::text, "
    "(SELECT value FROM meta WHERE name = 'epoch')";

}  // namespace

ReplicaRotation::Replica::Replica(boost::asio::io_context& io, const std::string& url, const PostgresOptions& options,
                                  adapters::Logger& log, delivery::Counter& reads)
    : state{public_name(url), log},
      pool{io, url, Role::replica, options, log, reads},
      link{io, url, Role::replica, options.max_lag, {.statement = options.max_lag}},
      cancellable_sleep{io} {}

ReplicaRotation::ReplicaRotation(boost::asio::io_context& io, const PostgresOptions& options,
                                 const storage::MasterTrail& master, std::string epoch, adapters::Logger& log,
                                 delivery::Counter& reads)
    : io_{io}, master_{master}, interval_{options.tail_interval}, limit_{options.max_lag}, epoch_{std::move(epoch)} {
  for (const auto& url : options.replicas) {
    replicas_.push_back(std::make_unique<Replica>(io, url, options, log, reads));
    boost::asio::co_spawn(io_, watch(*replicas_.back()), boost::asio::detached);
  }
}

ReaderPool* ReplicaRotation::pick() {
  const std::size_t first = turn_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t n = 0; n < replicas_.size(); ++n) {
    Replica& replica = *replicas_[(first + n) % replicas_.size()];
    if (replica.state.serves()) return &replica.pool;
  }
  return nullptr;
}

std::size_t ReplicaRotation::serving() const {
  std::size_t count = 0;
  for (const auto& replica : replicas_) count += replica->state.serves() ? 1U : 0U;
  return count;
}

void ReplicaRotation::stop() {
  for (auto& replica : replicas_) replica->pool.stop();
  boost::asio::post(io_, [this] {
    for (auto& replica : replicas_) {
      replica->cancellable_sleep.end();
      replica->link.stop();
    }
  });
}

usecase::Async<void> ReplicaRotation::watch(Replica& replica) {
  while (!replica.cancellable_sleep.ended()) {
    const auto fault = co_await fault_of(replica);
    if (replica.cancellable_sleep.ended()) break;
    if (replica.state.settle(fault)) replica.pool.abort("the replica was left out");
    co_await replica.cancellable_sleep.sleep(interval_);
  }
  replica.link.drop();
}

usecase::Async<std::string> ReplicaRotation::fault_of(Replica& replica) {
  std::string fault;
  try {
    Connection* connection = co_await replica.link.connected();
    Script look;
    look.add(kLookAtReplica);
    const auto answers = co_await connection->run(look, limit_);
    const Row row = answers.at(0).first();
    // A promoted standby has a log of its own from then on, so its answers must not mix with the master's.
    if (!row.truth(0)) co_return "no standby";
    if (row.text(2) != epoch_) co_return "another log";
    if (master_.is_behind(row.number(1))) co_return "behind";
    co_return "";
  } catch (const std::exception& failure) {  // also Failure
    fault = failure.what();
  }
  replica.link.drop();
  co_return fault;
}

}  // namespace danwa::postgres
