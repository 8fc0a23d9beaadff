#include "infra/net/io_threads.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

// A turn is a handler of the event loop. It is posted when the first job comes, so an idle thread sleeps in the loop,
// and a busy one alternates between its jobs and its sockets. Jobs of other threads wait in the inbox behind a mutex;
// those of the thread itself go straight into the list of the turn.
//
// The end has three steps. Every loop stops and every thread is joined, so nothing runs any more. Jobs that wait run on
// the thread that ends the others, because an actor that is scheduled must run once more to be released. Then the loops
// destroy their handlers, and with them the sockets and sessions that the handlers hold.

namespace danwa::net {
namespace {

constexpr std::size_t kJobsATurn = 32;
constexpr std::size_t kManyATurn = 8;  // each may end in a write to a socket
constexpr std::size_t kFirstATurn = 256;
constexpr std::size_t kJobsToKeep = 16'384;  // capacity that is kept for the next burst

thread_local IoThread* this_thread = nullptr;

/// Runs a function that its caller has released, and deletes it.
void run_call(void* what) {
  const std::unique_ptr<std::function<void()>> call{static_cast<std::function<void()>*>(what)};
  (*call)();
}

void clear(std::vector<Job>& jobs) {
  jobs.clear();
  if (jobs.capacity() > kJobsToKeep) jobs = {};
}

}  // namespace

IoThread::IoThread(std::size_t index) : index_{index}, context_{std::make_unique<boost::asio::io_context>(1)} {}
IoThread::~IoThread() = default;

IoThread* IoThread::current() { return this_thread; }

void IoThread::start() {
  // An exception that leaves a handler ends the process: it is a defect, and without this thread its connections would
  // hang for ever.
  thread_ = std::thread{[this]() noexcept {
    this_thread = this;
    const auto work = boost::asio::make_work_guard(*context_);
    context_->run();
  }};
}

bool IoThread::run(Job job) { return add(job, false); }
bool IoThread::run_first(Job job) { return add(job, true); }

bool IoThread::add(Job job, bool first) {
  if (is_current()) {
    (first ? first_ : jobs_).push_back(job);
    plan_turn();
    return true;
  }
  const std::lock_guard lock{mutex_};
  if (ended_) return false;
  (first ? inbox_first_ : inbox_).push_back(job);
  if (!std::exchange(woken_, true)) boost::asio::post(*context_, [this] { wake(); });
  return true;
}

void IoThread::post(std::function<void()> call) { add_call(std::move(call), false); }
void IoThread::post_first(std::function<void()> call) { add_call(std::move(call), true); }

void IoThread::add_call(std::function<void()> call, bool first) {
  auto held = std::make_unique<std::function<void()>>(std::move(call));
  if (add({run_call, held.get()}, first)) static_cast<void>(held.release());  // the job owns it now
}

void IoThread::post_as_one_of_many(std::function<void()> call) {
  auto held = std::make_unique<std::function<void()>>(std::move(call));
  run_as_one_of_many({run_call, held.get()});
  static_cast<void>(held.release());
}

void IoThread::run_as_one_of_many(Job job) {
  many_.push_back(job);
  plan_turn();
}

void IoThread::at_turn_end(Job job) {
  turn_ends_.push_back(job);
  plan_turn();
}

void IoThread::plan_turn() {
  if (!std::exchange(turn_planned_, true)) boost::asio::post(*context_, [this] { turn(); });
}

/// Another thread has added jobs. One turn at most waits in the loop: a second one would take the time of a socket.
void IoThread::wake() {
  if (!turn_planned_) turn();
}

void IoThread::turn() {
  turn_planned_ = true;  // what the jobs add belongs to this turn
  take_inbox();
  run_jobs();
  end_turn();
  turn_planned_ = false;
  if (has_jobs()) plan_turn();
}

void IoThread::take_inbox() {
  const std::lock_guard lock{mutex_};
  woken_ = false;
  first_.insert(first_.end(), inbox_first_.begin(), inbox_first_.end());
  jobs_.insert(jobs_.end(), inbox_.begin(), inbox_.end());
  clear(inbox_first_);
  clear(inbox_);
}

void IoThread::run_jobs() {
  const auto run_some = [](std::deque<Job>& jobs, std::size_t most) {
    for (std::size_t done = 0; !jobs.empty() && done < most; ++done) {
      const Job job = jobs.front();
      jobs.pop_front();  // before it runs: it may add others
      job.run(job.what);
    }
  };
  run_some(first_, kFirstATurn);
  run_some(jobs_, kJobsATurn);
  run_some(many_, kManyATurn);
}

void IoThread::end_turn() {
  ending_.swap(turn_ends_);
  for (const Job& job : ending_) job.run(job.what);
  clear(ending_);
}

void IoThread::join() {
  if (context_) context_->stop();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock{mutex_};
  ended_ = true;
}

void IoThread::run_what_waits() {
  if (!context_) return;
  auto* const caller = std::exchange(this_thread, this);  // the jobs that wait may add others
  do turn();
  while (has_jobs());
  this_thread = caller;
}

void IoThread::destroy_handlers() { context_.reset(); }

IoThreads::IoThreads(std::size_t count) {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) threads_.push_back(std::make_unique<IoThread>(i));
  for (auto& io_thread : threads_) io_thread->start();
}

IoThreads::~IoThreads() { end(); }

std::size_t IoThreads::here_or_next() {
  const auto* const here = IoThread::current();
  return (here != nullptr ? *here : next()).index();
}

void IoThreads::end() {
  for (auto& io_thread : threads_) io_thread->join();
  for (auto& io_thread : threads_) io_thread->run_what_waits();
  for (auto& io_thread : threads_) io_thread->destroy_handlers();
}

}  // namespace danwa::net
