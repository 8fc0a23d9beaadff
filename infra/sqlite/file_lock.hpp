#pragma once

#include <sys/types.h>

#include <string>

namespace danwa::infra {

/// Kernel locks (open file description locks) on single bytes of one small file. The kernel releases
/// them when the process dies. Two objects on one path are rivals, also inside one process.
class FileLock {
 public:
  enum class Byte : int { write = 0, turn = 1 };

  /// Opens or makes the file. It has `mode` afterwards, unless it is somebody else's: who may read it may lock it, and
  /// so keep everybody from writing. Throws std::runtime_error.
  explicit FileLock(const std::string& path, mode_t mode = 0600);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Whether there is another file, or none, at the path by now.
  bool has_moved() const;

  bool try_lock(Byte byte);

  /// Waits in the kernel's queue. False: a signal came (or the kernel refused) before the lock was got.
  bool lock(Byte byte);

  void unlock(Byte byte);

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace danwa::infra
