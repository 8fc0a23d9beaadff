#pragma once

#include <sys/types.h>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace danwa::sqlite {

/// Kernel locks (open file description locks) on single bytes of a small file. The kernel releases them when the
/// process dies. Two objects on one path compete, also inside one process.
class FileLock {
 public:
  enum class Byte : int { write = 0, turn = 1 };

  /// Opens or creates the file, and gives it `mode` unless another user owns it. A user who may read the file may lock
  /// it, and so keep every node from writing. Throws std::runtime_error.
  explicit FileLock(const std::string& path, mode_t mode = 0600);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// True if the path now names another file, or none.
  bool has_moved() const;

  bool try_lock(Byte byte);

  /// Waits in the kernel's queue. False: a signal interrupted the wait, or the kernel refused.
  bool lock(Byte byte);

  void unlock(Byte byte);

 private:
  std::string path_;
  int descriptor_;
};

/// The lock under which one process at a time writes a database file, with a fair queue of the waiting processes.
///
/// Two kernel locks make a turnstile: the process that holds `turn` waits for `write`, all others wait for `turn`. So a
/// process that has just written queues behind those that wait, and none starves.
///
///     all that wait --[turn]--> one that is next --[write]--> the writer --> all that wait, if it writes again
///
/// A process that was stopped inside the turnstile must not stop the rest: a process that waits longer than a moment
/// for `turn` tries `write` directly.
///
/// Runs on: the writer's thread (one). A second thread, owned by this class, blocks in the kernel on its behalf.
class InterProcessWriteLock {
 public:
  explicit InterProcessWriteLock(const std::string& database_path);
  ~InterProcessWriteLock();
  InterProcessWriteLock(const InterProcessWriteLock&) = delete;
  InterProcessWriteLock& operator=(const InterProcessWriteLock&) = delete;

  /// True if the lock file was moved away, with its database; processes that start now queue at another file. Must not
  /// be called while the lock is waited for or held.
  bool has_moved() const { return file_.has_moved(); }

  /// Waits at most `patience` for the lock. False: not yet; the place in the queue is kept.
  bool acquire_for(std::chrono::milliseconds patience);

  /// Leaves the queue, because nothing is left to write.
  void give_up();

  void release();

 private:
  enum class Stage { idle, waiting_for_turn, waiting_for_write, granted };

  bool acquire_at_once();
  bool is_granted();
  bool bypass();
  void wait_in_kernel();
  void go_on(std::unique_lock<std::mutex>& lock);
  bool block_on(FileLock::Byte byte, std::unique_lock<std::mutex>& lock);

  FileLock file_;
  std::mutex mutex_;  // the members below: shared by the writer and the waiting thread
  std::condition_variable changed_;
  Stage stage_ = Stage::idle;
  std::chrono::steady_clock::time_point queued_;  ///< start of the waiting thread's present wait
  bool unwanted_ = false;                         ///< the waiting thread must release a lock as soon as it gets it
  bool stopping_ = false;
  bool ended_ = false;
  std::thread waiter_;
};

}  // namespace danwa::sqlite
