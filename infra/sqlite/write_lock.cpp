#include "infra/sqlite/write_lock.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "infra/sqlite/file_claim.hpp"

// SQLite lets processes that find the file locked sleep and try again, so a busy process can starve the others. Here
// they queue in the kernel, on two bytes of a lock file beside the database, and the kernel releases the locks of a
// process that dies.
//
// If no other process writes, the writer takes both locks at once. Otherwise a waiting thread blocks in the kernel,
// because a wait there has no timeout. The writer meanwhile waits on a condition variable with a timeout, so it can
// answer actions that have waited too long.
//
// A stopped process (SIGSTOP, a debugger) may hold `turn` for ever. After 250 ms in the queue, the writer therefore
// tries `write` directly, in competition with the others. The waiting thread stays in the queue; as long as it has not
// got through, the writer bypasses the turnstile at once.

namespace danwa::sqlite {
namespace {

// An open file description lock belongs to the descriptor. A classic POSIX lock belongs to the process, and closing any
// other descriptor of the file would release it.
bool apply(int descriptor, int command, short type, FileLock::Byte byte) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(byte);
  range.l_len = 1;
  return ::fcntl(descriptor, command, &range) == 0;
}

}  // namespace

FileLock::FileLock(const std::string& path, mode_t mode)
    : path_{path}, descriptor_{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)} {
  if (descriptor_ < 0) throw std::runtime_error{"cannot open the lock file " + path + ": " + std::strerror(errno)};
  struct stat found {};
  if (::fstat(descriptor_, &found) == 0 && found.st_uid == ::geteuid() && (found.st_mode & 0777) != mode) {
    ::fchmod(descriptor_, mode);
  }
}

bool FileLock::has_moved() const {
  struct stat held {};
  struct stat there {};
  if (::fstat(descriptor_, &held) != 0 || ::stat(path_.c_str(), &there) != 0) return true;
  return held.st_dev != there.st_dev || held.st_ino != there.st_ino;
}

FileLock::~FileLock() { ::close(descriptor_); }

bool FileLock::try_lock(Byte byte) { return apply(descriptor_, F_OFD_SETLK, F_WRLCK, byte); }

bool FileLock::lock(Byte byte) { return apply(descriptor_, F_OFD_SETLKW, F_WRLCK, byte); }

void FileLock::unlock(Byte byte) { apply(descriptor_, F_OFD_SETLK, F_UNLCK, byte); }

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kStuckAfter{250};  // in the queue: a process in the turnstile is stopped
constexpr milliseconds kPollEvery{1};     // only in that case

// Only a signal can call a thread back from the kernel's lock queue. SIGURG is ignored by default, so it harms nothing;
// it needs a handler to interrupt the call.
constexpr int kWakeUp = SIGURG;

mode_t lock_mode_for(const std::string& database_path) {
  struct stat found {};
  return mode_beside(::stat(database_path.c_str(), &found) == 0 ? found.st_mode : 0);
}

void install_wake_up() {
  struct sigaction present {};
  if (::sigaction(kWakeUp, nullptr, &present) != 0 || (present.sa_flags & SA_SIGINFO) != 0) return;
  if (present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN) return;
  struct sigaction mine {};
  mine.sa_handler = [](int) {};
  ::sigaction(kWakeUp, &mine, nullptr);
}

}  // namespace

InterProcessWriteLock::InterProcessWriteLock(const std::string& database_path)
    : file_{database_path + ".lock", lock_mode_for(database_path)} {
  install_wake_up();
  waiter_ = std::thread{[this] { wait_in_kernel(); }};
}

InterProcessWriteLock::~InterProcessWriteLock() {
  std::unique_lock lock{mutex_};
  stopping_ = true;
  changed_.notify_all();
  // A signal that arrives just before the thread blocks has no effect, so it is repeated until the thread has ended.
  while (!ended_) {
    ::pthread_kill(waiter_.native_handle(), kWakeUp);
    changed_.wait_for(lock, milliseconds{5}, [this] { return ended_; });
  }
  lock.unlock();
  waiter_.join();
}

bool InterProcessWriteLock::acquire_for(milliseconds patience) {
  std::unique_lock lock{mutex_};
  if (stage_ == Stage::idle) {
    if (acquire_at_once()) return true;
    queued_ = steady_clock::now();
    unwanted_ = false;
  }
  const bool turnstile_moves = !std::exchange(unwanted_, false);
  changed_.notify_all();
  const auto until = steady_clock::now() + patience;
  const auto stuck = turnstile_moves ? std::min(until, queued_ + kStuckAfter) : queued_;
  if (changed_.wait_until(lock, stuck, [this] { return stage_ == Stage::granted; })) return is_granted();
  while (steady_clock::now() < until) {
    if (bypass()) return true;
    changed_.wait_for(lock, kPollEvery, [this] { return stage_ == Stage::granted; });
    if (stage_ == Stage::granted) return is_granted();
  }
  return false;
}

bool InterProcessWriteLock::acquire_at_once() {
  if (!file_.try_lock(FileLock::Byte::turn)) {
    stage_ = Stage::waiting_for_turn;
    return false;
  }
  if (!file_.try_lock(FileLock::Byte::write)) {
    stage_ = Stage::waiting_for_write;  // keeps `turn`
    return false;
  }
  file_.unlock(FileLock::Byte::turn);
  return true;
}

bool InterProcessWriteLock::is_granted() {
  stage_ = Stage::idle;
  return true;
}

bool InterProcessWriteLock::bypass() {
  if (stage_ != Stage::waiting_for_turn || !file_.try_lock(FileLock::Byte::write)) return false;
  unwanted_ = true;  // the waiter keeps queueing, only to see when the turnstile moves again
  return true;
}

void InterProcessWriteLock::give_up() {
  const std::scoped_lock lock{mutex_};
  unwanted_ = true;
  if (stage_ != Stage::granted) return;
  file_.unlock(FileLock::Byte::write);
  stage_ = Stage::idle;
}

void InterProcessWriteLock::release() { file_.unlock(FileLock::Byte::write); }

void InterProcessWriteLock::wait_in_kernel() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    changed_.wait(
        lock, [this] { return stopping_ || stage_ == Stage::waiting_for_turn || stage_ == Stage::waiting_for_write; });
    if (!stopping_) go_on(lock);
  }
  ended_ = true;
  changed_.notify_all();
}

/// Blocks until the lock of the present stage is there, and enters the next stage. With `write`, it leaves the
/// turnstile.
void InterProcessWriteLock::go_on(std::unique_lock<std::mutex>& lock) {
  const bool leaves = stage_ == Stage::waiting_for_write;
  const auto byte = leaves ? FileLock::Byte::write : FileLock::Byte::turn;
  if (!block_on(byte, lock)) return;
  if (leaves) file_.unlock(FileLock::Byte::turn);
  if (unwanted_ || stopping_) {
    file_.unlock(byte);
    stage_ = Stage::idle;
    return;
  }
  stage_ = leaves ? Stage::granted : Stage::waiting_for_write;
  if (leaves) changed_.notify_all();
}

bool InterProcessWriteLock::block_on(FileLock::Byte byte, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const bool got = file_.lock(byte);
  lock.lock();
  if (!got) changed_.wait_for(lock, kPollEvery, [this] { return stopping_; });  // a lock call that fails must not spin
  return got;
}

}  // namespace danwa::sqlite
