#include "infra/sqlite/file_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace danwa::infra {
namespace {

constexpr int kMostLinks = 40;  // as many as the kernel follows

[[noreturn]] void refuse_place(const std::string& what, int error) {
  throw std::runtime_error{what + ": " + std::strerror(error)};
}

struct stat status_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) refuse_place("cannot look at " + path, errno);
  return found;
}

bool is_mounted_alone(const std::string& path) {
  struct statx found {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_TYPE, &found) != 0) return false;
  return S_ISREG(found.stx_mode) && (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/// Changes at every start of the host, and is the same in all its containers.
std::string boot_of_host() {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(file, id);
  return id.empty() ? "unknown" : id;
}

}  // namespace

std::string canonical_path(const std::string& path) {
  std::filesystem::path found{path};
  std::error_code error;
  for (int links = 0; std::filesystem::is_symlink(found, error); ++links) {
    if (links == kMostLinks) refuse_place("cannot follow the links from " + path, ELOOP);
    const auto target = std::filesystem::read_symlink(found);
    found = found.parent_path() / target;  // an absolute target replaces it
  }
  const auto parent = found.parent_path();
  const auto directory = std::filesystem::canonical(parent.empty() ? "." : parent, error);
  if (error) refuse_place("there is no directory " + parent.string(), error.value());
  return (directory / found.filename()).string();
}

FilePlace FilePlace::of(const std::string& path) {
  const std::filesystem::path whole{path};
  const auto parent = whole.parent_path();
  const auto file = status_of(path);
  const auto directory = status_of(parent.empty() ? "." : parent.string());
  return {.device = file.st_dev,
          .inode = file.st_ino,
          .directory_device = directory.st_dev,
          .directory_inode = directory.st_ino,
          .name = whole.filename().string(),
          .mode = file.st_mode,
          .names = file.st_nlink,
          .mounted_alone = is_mounted_alone(path)};
}

std::string FilePlace::database() const {
  std::ostringstream text;
  text << "sqlite:" << boot_of_host() << ':' << std::hex << device << ':' << inode;
  return text.str();
}

void FilePlace::require_one_name() const {
  if (!S_ISREG(mode)) throw std::runtime_error{"it is not a regular file"};
  if (names > 1) {
    throw std::runtime_error{"the file has " + std::to_string(names) +
                             " names (hard links), each with a write-ahead log of its own; remove all but one"};
  }
  if (mounted_alone) {
    throw std::runtime_error{
        "the file is mounted by itself; mount its directory, since its write-ahead log must be beside it"};
  }
}

mode_t mode_beside(mode_t database) {
  constexpr mode_t kOwner = S_IRUSR | S_IWUSR;
  constexpr mode_t kGroup = S_IRGRP | S_IWGRP;
  return (database & S_IWGRP) != 0 ? kOwner | kGroup : kOwner;
}

}  // namespace danwa::infra
