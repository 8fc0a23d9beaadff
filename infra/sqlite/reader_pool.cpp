#include "infra/sqlite/reader_pool.hpp"

#include <sqlite3.h>

#include <stdexcept>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/sqlite_failure.hpp"

// SQLite blocks the calling thread, so reads have threads of their own, and a connection per thread, since a connection
// serves one thread at a time. All threads take from one queue, in order of arrival. While the file cannot be read,
// idle threads probe it every 500 ms, so that the node becomes ready again without a request of a client. A connection
// whose file was replaced is opened anew before the next read.

namespace danwa::infra {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{3600000};
constexpr milliseconds kRetry{500};  // between two probes of an unreadable file

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

ReaderPool::ReaderPool(std::string path, const SqliteOptions& options, adapters::Logger& log)
    : path_{std::move(path)}, patience_{options.patience}, log_{log}, waiting_{options.reader_queue} {
  std::vector<std::unique_ptr<Connection>> connections(options.readers);
  try {
    for (auto& connection : connections) connect(connection);
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
  std::unique_lock lock{mutex_};
  if (!waiting_.push(std::move(task), lock)) return;
  lock.unlock();
  arrived_.notify_one();
}

void ReaderPool::run(std::unique_ptr<Connection> connection) {
  while (auto task = next()) {
    if (std::chrono::steady_clock::now() - task->since > patience_) {
      task->fail(database_busy());
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
    connect(connection);
    task.perform(*connection);
    healthy_ = true;
  } catch (const SQLite::Exception& failure) {
    log_.error("database.read-failed", {{"code", failure.getExtendedErrorCode()}, {"reason", failure.what()}});
    errors = to_errors(failure);
    if (failure.getErrorCode() != SQLITE_BUSY) mark_unhealthy();
    connection.reset();
  } catch (const std::runtime_error& failure) {
    log_.error("database.read-failed", {{"reason", failure.what()}});
    errors = database_failed();
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

void ReaderPool::connect(std::unique_ptr<Connection>& connection) const {
  if (connection && !connection->has_moved()) return;
  connection.reset();
  auto fresh = std::make_unique<Connection>(ConnectionOptions{.path = path_, .access = Access::read_only});
  require_newest_schema(*fresh);
  connection = std::move(fresh);
}

}  // namespace danwa::infra
