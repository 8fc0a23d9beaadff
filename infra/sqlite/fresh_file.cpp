#include "infra/sqlite/fresh_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace danwa::infra {
namespace {

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

}  // namespace

FreshFile::FreshFile(std::string name) : name_{std::move(name)}, path_{name_ + ".XXXXXX"} {
  struct stat present {};
  if (::lstat(name_.c_str(), &present) == 0) {
    throw std::runtime_error{"there is a file " + name_ + " already; it is not overwritten"};
  }
  const int descriptor = ::mkostemp(path_.data(), O_CLOEXEC);
  if (descriptor < 0) refuse_file("cannot make a file in " + directory_of(name_));
  ::close(descriptor);
}

FreshFile::~FreshFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
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
