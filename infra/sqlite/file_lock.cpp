#include "infra/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace danwa::infra {
namespace {

// Open file description locks belong to the descriptor. Classic POSIX locks belong to the process, and closing any
// other descriptor of the file would release them.
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

}  // namespace danwa::infra
