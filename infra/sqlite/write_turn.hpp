#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "infra/sqlite/file_lock.hpp"

namespace danwa::infra {

/// This process's place in the queue of all processes that write one database file.
///
/// Two kernel locks make a turnstile: who holds `turn` waits for `write`, everybody else waits for `turn`.
/// So a process that has just written queues behind those that wait, and nobody starves. A process that
/// was stopped inside the turnstile must not stop the rest: who waits longer than a moment for `turn`
/// tries `write` directly.
///
/// Runs on: the writer's thread (one), but for a thread of its own that blocks in the kernel in its place.
class WriteTurn {
 public:
  explicit WriteTurn(const std::string& database_path);
  ~WriteTurn();
  WriteTurn(const WriteTurn&) = delete;
  WriteTurn& operator=(const WriteTurn&) = delete;

  /// The lock file was moved away, with its database: whoever starts now queues at another one. Not while the right is
  /// waited for or held.
  bool has_moved() const { return file_.has_moved(); }

  /// Waits at most `patience` for the right to write. False: not yet; the place in the queue is kept.
  bool acquire_for(std::chrono::milliseconds patience);

  /// Leaves the queue, when nothing is left to write.
  void give_up();

  void release();

 private:
  enum class Stage { idle, waiting_for_turn, waiting_for_write, granted };

  bool acquire_at_once();
  bool is_granted();
  bool bypass();
  void wait_in_kernel();
  bool enter_turnstile(std::unique_lock<std::mutex>& lock);
  bool leave_turnstile(std::unique_lock<std::mutex>& lock);
  bool block_on(FileLock::Byte byte, std::unique_lock<std::mutex>& lock);

  FileLock file_;
  std::mutex mutex_;  // the members below: shared by the writer and the waiting thread
  std::condition_variable changed_;
  Stage stage_ = Stage::idle;
  std::chrono::steady_clock::time_point queued_;  ///< since when the waiting thread waits
  bool unwanted_ = false;                         ///< what the waiting thread gets is to be given back at once
  bool stopping_ = false;
  bool ended_ = false;
  std::thread waiter_;
};

}  // namespace danwa::infra
