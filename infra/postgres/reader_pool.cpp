#include "infra/postgres/reader_pool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace danwa::infra::pg {
namespace {

using std::chrono::steady_clock;

}  // namespace

ReaderPool::ReaderPool(boost::asio::io_context& io, const std::string& url, Role role, const PostgresOptions& options,
                       adapters::Logger& log)
    : again_{role == Role::master},
      most_{options.reader_queue},
      patience_{options.patience},
      limit_{options.statement_timeout},
      log_{log},
      arrived_{io} {
  for (std::size_t n = 0; n < options.connections; ++n) {
    Link::Needs needs{targets_of(url, role), options.connect_timeout, {.statement = limit_}};
    links_.push_back(std::make_unique<Link>(io, std::move(needs)));
    boost::asio::co_spawn(io, serve(*links_.back()), boost::asio::detached);
  }
}

void ReaderPool::submit(std::unique_ptr<ReadTask> task) {
  task->since = steady_clock::now();
  std::unique_lock lock{mutex_};
  if (closed_ || waiting_.size() >= most_) {
    const bool stopped = closed_;
    lock.unlock();
    task->fail(stopped ? database_stopped() : database_busy());
    return;
  }
  waiting_.push_back(std::move(task));
  const bool wake = idle_ > 0;
  lock.unlock();
  if (wake) arrived_.wake_one();
}

void ReaderPool::stop() {
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  arrived_.wake_all();
}

void ReaderPool::abort(const char* why) {
  for (auto& link : links_) link->abort(why);
}

usecase::Async<void> ReaderPool::serve(Link& link) {
  while (auto task = co_await next()) co_await perform(*task, link);
  link.drop();
}

usecase::Async<std::unique_ptr<ReadTask>> ReaderPool::next() {
  for (;;) {
    {
      const std::scoped_lock lock{mutex_};
      if (!waiting_.empty()) co_return pop();
      if (closed_) co_return nullptr;
      ++idle_;
    }
    co_await arrived_.wait();
    const std::scoped_lock lock{mutex_};
    --idle_;
  }
}

std::unique_ptr<ReadTask> ReaderPool::pop() {
  auto task = std::move(waiting_.front());
  waiting_.pop_front();
  return task;
}

usecase::Async<void> ReaderPool::perform(ReadTask& task, Link& link) {
  if (steady_clock::now() - task.since > patience_) {
    task.fail(database_busy());
    co_return;
  }
  const bool again = again_ && link.is_open();
  auto failure = co_await attempt(task, link);
  if (failure && failure->lost() && again) failure = co_await attempt(task, link);
  if (!failure) {
    task.finish();
    co_return;
  }
  log_.error("database.read-failed", {{"code", failure->state()}, {"reason", failure->what()}});
  task.fail(to_errors(*failure));
}

usecase::Async<std::optional<Failure>> ReaderPool::attempt(ReadTask& task, Link& link) {
  std::optional<Failure> failed;
  try {
    Connection* connection = co_await link.connected();
    task.decode(co_await connection->run(task.script(), limit_));
    co_return std::nullopt;
  } catch (const Failure& failure) {
    failed = failure;
  } catch (const std::exception& surprise) {
    failed = Failure::of_connection(surprise.what());
  }
  if (failed->lost()) link.drop();
  co_return failed;
}

}  // namespace danwa::infra::pg
