#include "infra/sqlite/reader_pool.hpp"

#include <sqlite3.h>
#include <stdexcept>
#include <utility>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/rows.hpp"

// ReaderPool: SQLite blocks the calling thread, so reads have threads of their own, and a connection per thread, since
// a connection serves one thread at a time. All threads take from one queue, in order of arrival. While the file cannot
// be read, idle threads probe it every 500 ms, so that the node becomes ready again without a request of a client. A
// connection whose file was replaced is opened anew before the next read.

namespace danwa::sqlite {

ReplicaWatch::ReplicaWatch(Needs needs)
    : needs_{std::move(needs)}, trail_{needs_.max_lag}, state_{needs_.replica, needs_.log} {
  state_.settle(fault());
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    while (sleep_for(needs_.interval, stop)) state_.settle(fault());
  }};
}

/// Reads the replica first, because the master had everything before the replica.
std::string ReplicaWatch::fault() {
  try {
    Connection& replica = opened(replica_, needs_.replica);
    const auto epoch = read_epoch(replica);
    const Newest newest = newest_of(replica);
    Connection& master = opened(master_, needs_.master);
    if (epoch != read_epoch(master) || !is_of_one_log(newest)) return "another log";
    trail_.note_from_start(static_cast<std::uint64_t>(newest_of(master).position));
    return trail_.is_behind(static_cast<std::uint64_t>(newest.position)) ? "behind" : "";
  } catch (const std::runtime_error& failure) {  // also SQLite::Exception
    replica_.reset();
    master_.reset();
    return failure.what();
  }
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

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{3600000};  // a healthy reader waits for a notification alone
constexpr milliseconds kRetry{500};     // between two probes of an unreadable file

/// Only checks that the file can be read again.
class Probe final : public ReadTask {
 public:
  void perform(Connection& connection) override { require_newest_schema(connection); }
  void finish() override {}
  void fail(const domain::Errors& /*errors*/) override {}
};

std::unique_ptr<ReadTask> probe() {
  auto task = std::make_unique<Probe>();
  task->since = std::chrono::steady_clock::now();
  return task;
}

}  // namespace

ReaderPool::ReaderPool(std::string path, const SqliteOptions& options, adapters::Logger& log, delivery::Counter& reads)
    : path_{std::move(path)}, patience_{options.patience}, log_{log}, reads_{reads}, waiting_{options.reader_queue} {
  std::vector<std::unique_ptr<Connection>> connections(options.readers);
  try {
    for (auto& connection : connections) opened(connection, path_);
  } catch (const std::runtime_error& refused) {
    throw std::runtime_error{"cannot read the database " + path_ + ": " + refused.what()};
  }
  for (auto& connection : connections) {
    threads_.emplace_back([this, own = std::move(connection)]() mutable { run(std::move(own)); });
  }
}

ReaderPool::~ReaderPool() { stop(); }

void ReaderPool::stop() {
  {
    const std::scoped_lock lock{mutex_};
    waiting_.close();
  }
  arrived_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ReaderPool::submit(std::unique_ptr<ReadTask> task) {
  reads_.add();
  std::unique_lock lock{mutex_};
  if (!waiting_.push(std::move(task), lock)) return;
  lock.unlock();
  arrived_.notify_one();
}

void ReaderPool::run(std::unique_ptr<Connection> connection) {
  while (auto task = next()) {
    if (std::chrono::steady_clock::now() - task->since > patience_) {
      task->fail(storage::database_busy());
    } else {
      perform(*task, connection);
    }
  }
}

/// The next read, a probe if the file is unreadable and no read arrives, or null at the end.
std::unique_ptr<ReadTask> ReaderPool::next() {
  std::unique_lock lock{mutex_};
  const auto ready = [this] { return waiting_.closed() || !waiting_.empty(); };
  while (!ready() && healthy()) arrived_.wait_for(lock, kLong);
  if (!ready() && !arrived_.wait_for(lock, kRetry, ready)) return probe();
  return waiting_.empty() ? nullptr : waiting_.pop();
}

void ReaderPool::perform(ReadTask& task, std::unique_ptr<Connection>& connection) {
  std::optional<domain::Errors> errors;
  try {
    task.perform(opened(connection, path_));
    healthy_ = true;
  } catch (const SQLite::Exception& failure) {
    log_.error("database.read-failed", {{"code", failure.getExtendedErrorCode()}, {"reason", failure.what()}});
    errors = to_errors(failure);
    if (failure.getErrorCode() != SQLITE_BUSY) mark_unhealthy();
    connection.reset();
  } catch (const std::runtime_error& failure) {
    log_.error("database.read-failed", {{"reason", failure.what()}});
    errors = storage::database_failed();
    mark_unhealthy();
    connection.reset();
  }
  if (errors) {
    task.fail(*errors);
  } else {
    task.finish();
  }
}

void ReaderPool::mark_unhealthy() {
  {
    const std::scoped_lock lock{mutex_};
    healthy_ = false;
  }
  arrived_.notify_all();  // from now on idle readers probe
}

}  // namespace danwa::sqlite
