#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <new>

namespace danwa::tests {

/// A forked process that runs a function and ends with its answer. To be made while this process has no
/// other thread. Killed when the scope ends, unless waited for.
class ChildProcess {
 public:
  template <class Function>
  explicit ChildProcess(Function function) : id_{::fork()} {
    if (id_ == 0) ::_exit(function());
  }
  ~ChildProcess() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number) const { ::kill(id_, number); }

  /// Waits until the child has stopped itself.
  bool wait_until_stopped() const {
    int status = 0;
    return ::waitpid(id_, &status, WUNTRACED) == id_ && WIFSTOPPED(status);
  }

  /// The answer of the function, or minus the number of the signal that ended it.
  int wait() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = 0;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t id_;
};

/// Numbers that forked processes share with their parent.
class SharedCounters {
 public:
  static constexpr int kCount = 8;

  SharedCounters() {
    void* memory =
        ::mmap(nullptr, sizeof(std::atomic<long>) * kCount, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    values_ = new (memory) std::atomic<long>[kCount] {};
  }
  ~SharedCounters() { ::munmap(values_, sizeof(std::atomic<long>) * kCount); }
  SharedCounters(const SharedCounters&) = delete;
  SharedCounters& operator=(const SharedCounters&) = delete;

  std::atomic<long>& operator[](int i) { return values_[i]; }

 private:
  std::atomic<long>* values_;
};

}  // namespace danwa::tests
