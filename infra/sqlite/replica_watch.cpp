#include "infra/sqlite/replica_watch.hpp"

#include <stdexcept>
#include <utility>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/rows.hpp"

namespace danwa::infra {

ReplicaWatch::ReplicaWatch(Needs needs) : needs_{std::move(needs)} {
  settle(look());
  thread_ = std::thread{[this] { run(); }};
}

ReplicaWatch::~ReplicaWatch() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void ReplicaWatch::run() {
  std::unique_lock lock{mutex_};
  while (!stop_.wait_for(lock, needs_.interval, [this] { return stopping_; })) {
    lock.unlock();
    settle(look());
    lock.lock();
  }
}

/// The replica is read first: everything that it has, the master had before.
ReplicaWatch::Fault ReplicaWatch::look() {
  try {
    Connection& replica = opened(replica_, needs_.replica);
    const auto epoch = read_epoch(replica);
    const Newest newest = newest_of(replica);
    Connection& master = opened(master_, needs_.master);
    if (epoch != read_epoch(master) || !is_of_one_log(newest)) return Fault::another_log;
    return is_behind(newest.position, std::chrono::steady_clock::now()) ? Fault::behind : Fault::none;
  } catch (const std::runtime_error& failure) {  // also SQLite::Exception
    reason_ = failure.what();
    replica_.reset();
    master_.reset();
    return Fault::unreadable;
  }
}

Connection& ReplicaWatch::opened(std::unique_ptr<Connection>& connection, const std::string& path) {
  if (connection && connection->has_moved()) connection.reset();
  if (!connection) {
    auto fresh = std::make_unique<Connection>(ConnectionOptions{.path = path, .access = Access::read_only});
    require_newest_schema(*fresh);
    connection = std::move(fresh);
  }
  return *connection;
}

ReplicaWatch::Newest ReplicaWatch::newest_of(Connection& connection) {
  Query query{connection, "SELECT position, subject_id FROM updates ORDER BY position DESC LIMIT 1"};
  return query.step() ? Newest{query.integer(0), query.uuid(1)} : Newest{};
}

bool ReplicaWatch::is_of_one_log(const Newest& newest) {
  if (newest.position == 0) return true;
  Query query{*master_, "SELECT subject_id FROM updates WHERE position = ?"};
  return query.bind(newest.position).step() && query.uuid(0) == newest.subject;
}

bool ReplicaWatch::is_behind(std::int64_t position, Time now) {
  const auto since = ends_.empty() ? Time::min() : now;  // the age of the state at the start is unknown
  ends_.push_back({since, newest_of(*master_).position});
  const auto is_old = [&](const End& end) { return end.seen == Time::min() || now - end.seen > needs_.max_lag; };
  while (ends_.size() > 1 && is_old(ends_[1])) ends_.pop_front();
  return is_old(ends_.front()) && ends_.front().position > position;
}

void ReplicaWatch::settle(Fault fault) {
  const bool serves = fault == Fault::none;
  const bool changed = serves_.exchange(serves) != serves || (!std::exchange(told_, true) && !serves);
  if (!changed) return;
  if (serves) return needs_.log.info("replica.serves", {{"replica", needs_.replica}});
  const std::string why = fault == Fault::another_log ? "another log" : fault == Fault::behind ? "behind" : reason_;
  needs_.log.warn("replica.left-out", {{"replica", needs_.replica}, {"reason", why}});
}

}  // namespace danwa::infra
