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
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace danwa::caf {

// Reads of the log as coroutines on one io thread. The database is asynchronous, so one thread keeps any number of
// reads in flight and never blocks an actor. Each read retries with growing delays while the database is unavailable,
// because a watcher survives a short outage without reconnecting.
//
// Heads are read in rounds. A crowd that connects at once wants a thousand heads, and each would cost a visit of four
// threads. So one read runs at a time, and all heads that are wanted meanwhile share the next one. It begins after they
// were wanted, so each head is at least as new as its request.
//
// The end is the difficult part. A read in flight holds a handle of its router, and a handle that survives the actor
// system is undefined behaviour. So `stop` waits until `running` is zero and only then frees the engine. If the
// database does not answer within the limit, freeing the engine would leave the late answer with a dangling pointer.
// The engine is leaked instead: the process is about to exit.

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kHeadsAtOnce = 256;

}  // namespace

struct LogReader::Engine {
  struct WantedHead {
    domain::ChannelKey channel;
    OnHead answer;
  };
  struct HeadRounds {
    std::vector<WantedHead> wanted;
    bool running = false;
  };

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

  void want_head(const delivery::ReadHead& what, OnHead answer) {
    std::unique_lock lock{mutex};
    HeadRounds& rounds = heads_from(what.from);
    rounds.wanted.push_back({what.channel, std::move(answer)});
    const bool begins = !std::exchange(rounds.running, true);
    lock.unlock();
    if (begins) spawn(read_heads(what.from), [](std::nullopt_t) {});
  }

  usecase::Async<void> read_heads(usecase::ReadFrom from) {
    for (auto round = take_round(from); !round.empty(); round = take_round(from)) {
      std::vector<domain::ChannelKey> channels;
      channels.reserve(round.size());
      for (const auto& one : round) channels.push_back(one.channel);
      auto attempt = [this, &channels, from] { return log.heads(channels, from); };
      std::optional<usecase::UpdateLog::Heads> heads;
      try {
        heads = co_await insist<usecase::UpdateLog::Heads>(std::move(attempt));
      } catch (const std::exception&) {  // a defect; these watchers are closed, and the next round goes on
        heads.reset();
      }
      for (std::size_t i = 0; i < round.size(); ++i) {
        round[i].answer(heads ? std::optional{usecase::UpdateLog::Head{heads->epoch, heads->seqs[i]}} : std::nullopt);
      }
    }
  }

  /// What the next read asks for. Empty: nothing is wanted, and the rounds have ended.
  std::vector<WantedHead> take_round(usecase::ReadFrom from) {
    const std::lock_guard lock{mutex};
    HeadRounds& rounds = heads_from(from);
    const auto begin = rounds.wanted.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(rounds.wanted.size(), kHeadsAtOnce));
    std::vector<WantedHead> round{std::make_move_iterator(begin), std::make_move_iterator(end)};
    rounds.wanted.erase(begin, end);
    rounds.running = !round.empty();
    return round;
  }

  HeadRounds& heads_from(usecase::ReadFrom from) { return from == usecase::ReadFrom::master ? master : replica; }

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
  std::mutex mutex;  // for what follows; held for a push or a take
  HeadRounds master, replica;
  std::condition_variable idle;  // `stop` waits on its caller's thread
};

LogReader::LogReader(usecase::UpdateLog& log, usecase::AccessCheck* access, const delivery::FrameEncoder& frames,
                     milliseconds patience)
    : engine_{std::make_unique<Engine>(log, frames, patience)}, access_{access} {}

LogReader::~LogReader() { stop(milliseconds{2000}); }

void LogReader::head(const delivery::ReadHead& what, OnHead answer) {
  if (engine_ && !engine_->stopping.load()) engine_->want_head(what, std::move(answer));
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
