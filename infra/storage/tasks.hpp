#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "domain/core/result.hpp"

// The errors of a database, and its queue of waiting tasks.
namespace danwa::storage {

/// 503 `database-busy`: too many tasks wait, or another process holds a lock that is needed.
domain::Errors database_busy();

/// 503 `database-failed`: the database cannot be used now. As far as is known, nothing was changed.
domain::Errors database_failed();

/// 503 `database-full`.
domain::Errors database_full();

/// 503 `schema-newer`: a node of a newer version has migrated the database; this one no longer writes.
domain::Errors schema_newer();

/// 503 `database-stopped`: the node is ending.
domain::Errors database_stopped();

/// 503 `outcome-unknown`: the connection was lost during a commit, and the outcome could not be looked up since.
domain::Errors outcome_unknown();

/// 500 `database-error`: a defect of danwa; the log has the details.
domain::Errors database_error();

/// Work that waits for a database. `perform` makes its result from `input`, and may throw. After it exactly one of
/// `finish` and `fail` is called.
template <class Input>
class Task {
 public:
  using Given = Input;
  virtual ~Task() = default;
  virtual void perform(Input input) = 0;
  virtual void finish() = 0;                            ///< answers the result
  virtual void fail(const domain::Errors& errors) = 0;  ///< answers `errors` instead

  std::chrono::steady_clock::time_point since;  ///< when it was queued
};

/// A task of the kind `Kind`, made of a function `Result<T>(Input)` and a function that takes its result.
template <class Kind, class T, class Work, class Resume>
class FunctionTask : public Kind {
 public:
  template <class... Arguments>
  FunctionTask(Work work, Resume resume, Arguments&&... arguments)
      : Kind{std::forward<Arguments>(arguments)...}, work_{std::move(work)}, resume_{std::move(resume)} {}

  void perform(typename Kind::Given input) override { result_.emplace(work_(input)); }
  void finish() override { resume_(std::move(*result_)); }
  void fail(const domain::Errors& errors) override { resume_(domain::Result<T>{domain::fail(errors)}); }

 protected:
  std::optional<domain::Result<T>> result_;

 private:
  Work work_;
  Resume resume_;
};

/// Waiting tasks, first come first served. Bound: `most`. A task beyond it is answered `database-busy` at once, and
/// `database-stopped` once the queue is closed. Guarded by its owner's mutex.
template <class Kind>
class WaitingTasks {
 public:
  using Tasks = std::vector<std::unique_ptr<Kind>>;

  explicit WaitingTasks(std::size_t most) : most_{most} {}

  /// Queues `task`. False: it was answered instead, and `lock`, which the caller held, was released before.
  bool push(std::unique_ptr<Kind> task, std::unique_lock<std::mutex>& lock) {
    task->since = std::chrono::steady_clock::now();
    if (!closed_ && tasks_.size() < most_) {
      tasks_.push_back(std::move(task));
      return true;
    }
    const bool stopped = closed_;
    lock.unlock();
    task->fail(stopped ? database_stopped() : database_busy());
    return false;
  }

  std::unique_ptr<Kind> pop() {
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  /// Removes and returns the tasks that were queued before `deadline`, at any place of the queue.
  Tasks take_late(std::chrono::steady_clock::time_point deadline) {
    Tasks late;
    for (auto& task : tasks_) {
      if (task->since < deadline) late.push_back(std::move(task));
    }
    std::erase(tasks_, nullptr);
    return late;
  }

  void close() { closed_ = true; }
  bool closed() const { return closed_; }
  bool empty() const { return tasks_.empty(); }
  std::size_t size() const { return tasks_.size(); }

  /// The tasks themselves, for an owner with an order of its own.
  std::deque<std::unique_ptr<Kind>>& all() { return tasks_; }

 private:
  const std::size_t most_;
  std::deque<std::unique_ptr<Kind>> tasks_;
  bool closed_ = false;
};

}  // namespace danwa::storage
