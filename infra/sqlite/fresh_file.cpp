#include "infra/sqlite/fresh_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

// A copy must be visible whole or not at all, also after a crash or a power cut. So it is written under another name,
// synced, renamed without replacing anything (RENAME_NOREPLACE), and the directory is synced. Names of parts are
// random, so two copies do not meet; an flock shows which parts belong to a living process, and the kernel releases it
// when the process dies.

namespace danwa::infra {
namespace {

constexpr std::string_view kSuffix = ".danwad-part";
constexpr std::array kBeside{"-journal", "-wal", "-shm"};  // files that SQLite keeps beside a database

[[noreturn]] void refuse_file(const std::string& what) {
  const std::string reason = std::strerror(errno);
  throw std::runtime_error{what + ": " + reason};
}

void sync(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) refuse_file("cannot open " + path);
  const bool done = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!done) refuse_file("cannot sync " + path);
}

std::string directory_of(const std::string& name) {
  const auto parent = std::filesystem::path{name}.parent_path();
  return parent.empty() ? "." : parent.string();
}

void remove_with_company(const std::string& path) {
  ::unlink(path.c_str());
  for (const char* beside : kBeside) ::unlink((path + beside).c_str());
}

/// Removes the unfinished part at `path`, unless the process that writes it is alive.
void remove_if_abandoned(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) remove_with_company(path);
  ::close(descriptor);
}

void remove_abandoned_in(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> parts;
  std::vector<std::string> beside_parts;
  for (const auto& entry : std::filesystem::directory_iterator{directory, error}) {
    const std::string path = entry.path().string();
    if (path.ends_with(kSuffix)) parts.push_back(path);
    for (const std::string_view beside : kBeside) {
      if (path.ends_with(std::string{kSuffix}.append(beside))) beside_parts.push_back(path);
    }
  }
  for (const auto& path : parts) remove_if_abandoned(path);
  for (const auto& path : beside_parts) {
    if (!std::filesystem::exists(path.substr(0, path.rfind('-')), error)) ::unlink(path.c_str());
  }
}

}  // namespace

FreshFile::FreshFile(std::string name) : name_{std::move(name)} {
  struct stat present {};
  if (::lstat(name_.c_str(), &present) == 0) {
    throw std::runtime_error{"there is a file " + name_ + " already; it is not overwritten"};
  }
  remove_abandoned_in(directory_of(name_));
  make();
}

/// Between creation and lock, another process may take the file for abandoned and remove it; then a new one is created.
void FreshFile::make() {
  struct stat made {};
  while (made.st_nlink == 0) {
    if (descriptor_ >= 0) ::close(descriptor_);
    path_ = name_ + ".XXXXXX" + std::string{kSuffix};
    descriptor_ = ::mkostemps(path_.data(), static_cast<int>(kSuffix.size()), O_CLOEXEC);
    if (descriptor_ < 0) refuse_file("cannot make a file in " + directory_of(name_));
    ::flock(descriptor_, LOCK_EX);
    if (::fstat(descriptor_, &made) != 0) refuse_file("cannot look at " + path_);
  }
}

FreshFile::~FreshFile() {
  if (!path_.empty()) remove_with_company(path_);
  ::close(descriptor_);
}

void FreshFile::put_in_place() {
  sync(path_, O_RDWR);
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name_.c_str(), RENAME_NOREPLACE) != 0) {
    refuse_file("cannot give the copy the name " + name_);
  }
  path_.clear();
  sync(directory_of(name_), O_RDONLY | O_DIRECTORY);
}

}  // namespace danwa::infra
