#pragma once

#include <sys/types.h>

#include <string>

namespace danwa::infra {

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

}  // namespace danwa::infra
