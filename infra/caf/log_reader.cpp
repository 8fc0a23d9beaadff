#include "infra/caf/log_reader.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace danwa::caf {

// Reads of the log as coroutines on one io thread. The database is asynchronous, so one thread keeps any number of
// reads in flight and never blocks an actor. Each read retries with growing delays while the database is unavailable,
// because a watcher survives a short outage without reconnecting.
//
// The end is the difficult part. A read in flight holds a handle of its router, and a handle that survives the actor
// system is undefined behaviour. So `stop` waits until `running` is zero and only then frees the engine. If the
// database does not answer within the limit, freeing the engine would leave the late answer with a dangling pointer.
// The engine is leaked instead: the process is about to exit.

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct LogReader::Engine {
  Engine(usecase::UpdateLog& l, const delivery::FrameEncoder& f, milliseconds p) : log{l}, frames{f}, patience{p} {
    thread = std::thread{[this] { io.run(); }};
  }

  bool may_retry(steady_clock::time_point since) const {
    return !stopping.load() && steady_clock::now() - since < patience;
  }

  usecase::Async<void> pause(milliseconds delay) {
    asio::steady_timer timer{io, delay};
    co_await timer.async_wait(asio::use_awaitable);
  }

  /// Calls `attempt` until it returns a value or `patience` is over.
  template <class Value, class Attempt>
  usecase::Async<std::optional<Value>> insist(Attempt attempt) {
    const auto since = steady_clock::now();
    for (milliseconds delay{20};; delay = std::min(delay * 2, milliseconds{1000})) {
      auto result = co_await attempt();
      if (result) co_return std::move(*result);
      if (!may_retry(since)) co_return std::nullopt;
      co_await pause(delay);
    }
  }

  usecase::Async<void> read_head(delivery::ReadHead what, OnHead answer) {
    auto attempt = [this, what] { return log.head(what.channel, what.from); };
    answer(co_await insist<usecase::UpdateLog::Head>(std::move(attempt)));
  }

  usecase::Async<void> read_updates(delivery::ReadUpdateRange what, OnPage answer) {
    auto attempt = [this, what] { return log.read(what.channel, what.first, what.last, what.limit, what.from); };
    auto page = co_await insist<usecase::UpdateLog::Page>(std::move(attempt));
    if (!page) {
      answer(std::nullopt);
      co_return;
    }
    delivery::LogPage encoded{{}, page->head, page->epoch};
    encoded.frames.reserve(page->updates.size());
    for (auto& update : page->updates) {
      encoded.frames.push_back(std::make_shared<const delivery::Frame>(std::move(update), frames));
    }
    answer(std::move(encoded));
  }

  usecase::Async<void> look_up(usecase::AccessCheck& access, usecase::AccessGuard guard, OnAccess answer) {
    auto attempt = [&access, guard] { return access.check(guard); };
    answer(co_await insist<usecase::AccessCheck::Answer>(std::move(attempt)));
  }

  template <class Answer>
  void spawn(usecase::Async<void> read, Answer on_defect) {
    running.fetch_add(1);
    asio::co_spawn(io, std::move(read), [this, on_defect](const std::exception_ptr& defect) {
      if (defect) on_defect(std::nullopt);
      if (running.fetch_sub(1) != 1 || !stopping.load()) return;
      const std::lock_guard lock{mutex};  // the last read wakes `stop`
      idle.notify_all();
    });
  }

  usecase::UpdateLog& log;
  const delivery::FrameEncoder& frames;
  milliseconds patience;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread thread;
  std::atomic<std::size_t> running{0};
  std::atomic<bool> stopping{false};
  std::mutex mutex;  // for `idle` alone: stop() waits on the caller's thread
  std::condition_variable idle;
};

LogReader::LogReader(usecase::UpdateLog& log, usecase::AccessCheck* access, const delivery::FrameEncoder& frames,
                     milliseconds patience)
    : engine_{std::make_unique<Engine>(log, frames, patience)}, access_{access} {}

LogReader::~LogReader() { stop(milliseconds{2000}); }

void LogReader::head(const delivery::ReadHead& what, OnHead answer) {
  if (engine_ && !engine_->stopping.load()) engine_->spawn(engine_->read_head(what, answer), answer);
}

void LogReader::updates(const delivery::ReadUpdateRange& what, OnPage answer) {
  if (engine_ && !engine_->stopping.load()) engine_->spawn(engine_->read_updates(what, answer), answer);
}

bool LogReader::can_check() const { return access_ != nullptr; }

void LogReader::check(const usecase::AccessGuard& guard, OnAccess answer) {
  if (!can_check()) return answer(std::nullopt);
  if (engine_ && !engine_->stopping.load()) engine_->spawn(engine_->look_up(*access_, guard, answer), answer);
}

bool LogReader::stop(milliseconds limit) {
  if (!engine_) return true;
  Engine& e = *engine_;
  e.stopping.store(true);
  std::unique_lock lock{e.mutex};
  const bool idle = e.idle.wait_for(lock, limit, [&e] { return e.running.load() == 0; });
  lock.unlock();
  e.work.reset();
  e.io.stop();
  e.thread.join();
  if (idle) {
    engine_.reset();  // frees every actor handle that a read held
  } else {
    static_cast<void>(engine_.release());  // leaked: a late answer of the database still posts into it
  }
  return idle;
}

}  // namespace danwa::caf
