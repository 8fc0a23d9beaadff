#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace danwa::net {

/// Something to do on an io thread: a function and its argument. Costs no allocation, and cannot throw.
struct Job {
  void (*run)(void* what);
  void* what;
};

/// One thread with one event loop. It owns its sockets, their timers and the actors that write to them, so none of them
/// needs a lock.
///
/// The thread works in turns. A turn runs jobs that wait, then the jobs for its end, such as one write for each socket
/// that has got something. A turn has few jobs, then the sockets have theirs. So requests and new updates come in while
/// a long fan-out goes out, and a socket whose turn comes late gets all of them in one write.
class IoThread {
 public:
  explicit IoThread(std::size_t index);
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  std::size_t index() const { return index_; }  ///< among the io threads of the node
  boost::asio::io_context& context() { return *context_; }

  /// The io thread that the caller runs on; null: on another thread.
  static IoThread* current();
  bool is_current() const { return current() == this; }

  /// Runs `job` on this thread soon, never inside this call. Jobs from one thread keep their order. Thread safe.
  /// However many jobs come from other threads before a turn begins, the thread is woken once. Once the thread has
  /// ended: false, and the job is not taken.
  bool run(Job job);

  /// The same, before all jobs of `run`: for what gives work to many, such as the routing of an update.
  bool run_first(Job job);

  /// The same, beside the jobs of `run` and not among them: for one of very many, such as a delivery to one of a
  /// thousand watchers. Each turn has some of both, so the many delay nobody. On this thread only.
  void run_as_one_of_many(Job job);

  /// The same for any function. It is dropped once the thread has ended.
  void post(std::function<void()> call);
  void post_first(std::function<void()> call);
  void post_as_one_of_many(std::function<void()> call);

  /// Runs `job` at the end of the turn that runs now, or of the next one. On this thread only.
  void at_turn_end(Job job);

 private:
  friend class IoThreads;

  void start();

  // The end, in three steps; each is taken for all threads before the next one.
  void join();            ///< ends the loop; jobs are refused from here on
  void run_what_waits();  ///< on the caller's thread
  void destroy_handlers();

  void plan_turn();
  void wake();
  void turn();
  bool add(Job job, bool first);
  void add_call(std::function<void()> call, bool first);
  void take_inbox();
  void run_jobs();
  void end_turn();
  bool has_jobs() const { return !first_.empty() || !jobs_.empty() || !many_.empty() || !turn_ends_.empty(); }

  std::size_t index_;
  std::unique_ptr<boost::asio::io_context> context_;  // run by one thread only; null once the thread has ended
  std::thread thread_;

  std::deque<Job> first_;  // run before `jobs_`
  std::deque<Job> jobs_;
  std::deque<Job> many_;        // of `run_as_one_of_many`
  std::vector<Job> turn_ends_;  // for the end of the turn
  std::vector<Job> ending_;     // those that run now; kept for its capacity
  bool turn_planned_ = false;   // `turn` is called soon, or runs

  std::mutex mutex_;  // guards what follows; held for a push or a swap
  std::vector<Job> inbox_first_;
  std::vector<Job> inbox_;
  bool woken_ = false;  // the inbox is taken soon
  bool ended_ = false;
};

/// The io threads of a node. Thread safe, except for `end`.
class IoThreads {
 public:
  /// Starts `count` threads; 0: one per core.
  explicit IoThreads(std::size_t count);
  ~IoThreads();  // ends
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  std::size_t size() const { return threads_.size(); }
  IoThread& at(std::size_t index) { return *threads_[index]; }

  /// The next thread in turn.
  IoThread& next() { return at(turn_.fetch_add(1, std::memory_order_relaxed) % size()); }

  /// The index of the caller's thread, or of the next one in turn.
  std::size_t here_or_next();

  /// Ends all threads and waits for them. Their sockets and handlers are destroyed before this returns, so what the
  /// handlers use must still be there. Not on an io thread. Idempotent.
  void end();

 private:
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace danwa::net
