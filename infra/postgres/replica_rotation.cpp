#include "infra/postgres/replica_rotation.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

// Each standby is checked every `tail_interval`, on a connection of its own, so that waiting reads cannot delay the
// check. The lag is measured as time and needs no clock of another machine: the log tail notes the ends of the master's
// log and when it saw them, and a standby is behind if it has not replayed an end that was seen more than `max_lag`
// ago. A master without writes therefore never makes a standby look late. When a standby leaves the rotation, its reads
// in progress are aborted, because its server may hang; the callers repeat them on the master.

namespace danwa::infra::pg {
namespace {

constexpr const char* kLookAtReplica =
    "SELECT pg_is_in_recovery(), coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::text, "
    "(SELECT value FROM meta WHERE name = 'epoch')";

}  // namespace

void MasterTrail::note(std::uint64_t end) {
  const auto now = std::chrono::steady_clock::now();
  ends_.push_back({now, end});
  while (ends_.size() > 1 && now - ends_[1].seen > max_lag_) ends_.pop_front();
}

bool MasterTrail::is_behind(std::uint64_t position) const {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& end : ends_) {
    if (now - end.seen > max_lag_ && end.position > position) return true;
  }
  return false;
}

ReplicaRotation::Replica::Replica(const Needs& needs, const std::string& url)
    : name{public_name(url)},
      pool{needs.io, url, Role::replica, needs.options, needs.log},
      link{needs.io, {targets_of(url, Role::replica), needs.options.max_lag, {.statement = needs.options.max_lag}}},
      nap{needs.io} {}

ReplicaRotation::ReplicaRotation(const Needs& needs)
    : io_{needs.io},
      master_{needs.master},
      interval_{needs.options.tail_interval},
      limit_{needs.options.max_lag},
      log_{needs.log},
      epoch_{needs.epoch} {
  for (const auto& url : needs.options.replicas) {
    replicas_.push_back(std::make_unique<Replica>(needs, url));
    boost::asio::co_spawn(io_, watch(*replicas_.back()), boost::asio::detached);
  }
}

ReaderPool* ReplicaRotation::pick() {
  const std::size_t first = turn_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t n = 0; n < replicas_.size(); ++n) {
    Replica& replica = *replicas_[(first + n) % replicas_.size()];
    if (replica.serves.load(std::memory_order_relaxed)) return &replica.pool;
  }
  return nullptr;
}

std::size_t ReplicaRotation::serving() const {
  std::size_t count = 0;
  for (const auto& replica : replicas_) count += replica->serves.load(std::memory_order_relaxed) ? 1U : 0U;
  return count;
}

void ReplicaRotation::stop() {
  for (auto& replica : replicas_) replica->pool.stop();
  boost::asio::post(io_, [this] {
    for (auto& replica : replicas_) {
      replica->nap.end();
      replica->link.stop();
    }
  });
}

usecase::Async<void> ReplicaRotation::watch(Replica& replica) {
  while (!replica.nap.ended()) {
    settle(replica, co_await fault_of(replica));
    co_await replica.nap.sleep(interval_);
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

void ReplicaRotation::settle(Replica& replica, const std::string& fault) {
  const bool serves = fault.empty();
  const bool changed = replica.serves.exchange(serves) != serves || (!replica.seen && !serves);
  replica.seen = true;
  if (!changed || replica.nap.ended()) return;
  if (serves) {
    log_.info("replica.serves", {{"replica", replica.name}});
    return;
  }
  log_.warn("replica.left-out", {{"replica", replica.name}, {"reason", fault}});
  replica.pool.abort("the replica was left out");
}

}  // namespace danwa::infra::pg
