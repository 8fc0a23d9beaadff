#include "infra/sqlite/file_claim.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

// SQLite names the write-ahead log after the path of the database, so two nodes that use one file by two names would
// write two logs and corrupt it. A claim prevents this: it is a read lock on one byte in a range of 2^40 bytes that
// starts at 2^62, and the byte is a hash of the name. A process that claims a file refuses to go on if any other byte
// of the range is locked. The name is that of the file in its directory, by device and inode, so containers that mount
// the directory at different paths agree.
//
// Closing any descriptor of a file makes the kernel drop the classic locks of the process on it, SQLite's among them.
// All claims of a process on a file therefore share one descriptor.

namespace danwa::sqlite {
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

namespace {

constexpr off_t kFirst = off_t{1} << 62;
constexpr off_t kBytes = off_t{1} << 40;
constexpr off_t kSqliteShared =
    0x40000000 + 2;  // where a connection in WAL mode has its lock for as long as it is open
constexpr off_t kSqliteSharedBytes = 510;

struct flock range_of(short type, off_t start, off_t length) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = start;
  range.l_len = length;
  return range;
}

/// True if another descriptor or process has any lock in this range.
bool is_locked(int descriptor, off_t start, off_t length) {
  if (length <= 0) return false;
  auto range = range_of(F_WRLCK, start, length);
  return ::fcntl(descriptor, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

off_t byte_of(const FilePlace& place) {
  const auto name =
      std::to_string(place.directory_device) + ':' + std::to_string(place.directory_inode) + '/' + place.name;
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, the same in every build
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return kFirst + static_cast<off_t>(hash % static_cast<std::uint64_t>(kBytes));
}

int open_file(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) throw std::runtime_error{std::string{"the file cannot be opened: "} + std::strerror(errno)};
  return descriptor;
}

std::mutex files_mutex;  // guards the map of `Shared::files`; any thread may claim

}  // namespace

class FileClaim::Shared {
 public:
  /// The descriptor of this process for the file at `path`. Needs `files_mutex`.
  static std::shared_ptr<Shared> of(const FilePlace& place, const std::string& path) {
    auto& known = files()[{place.device, place.inode}];
    auto shared = known.lock();
    if (!shared) known = shared = std::make_shared<Shared>(place, open_file(path, O_RDWR));
    if (shared->byte_ != byte_of(place)) throw std::runtime_error{"this process uses the file by another name"};
    return shared;
  }
  static bool is_used(const FilePlace& place) { return !files()[{place.device, place.inode}].expired(); }

  Shared(const FilePlace& place, int descriptor) : byte_{byte_of(place)}, descriptor_{descriptor} {
    auto mine = range_of(F_RDLCK, byte_, 1);
    std::string reason;
    if (::fcntl(descriptor_, F_OFD_SETLK, &mine) != 0) {
      const bool held = errno == EAGAIN || errno == EACCES;
      reason = held ? "it is being copied to another database; wait until that is done"
                    : std::string{"its file system keeps no locks: "} + std::strerror(errno);
    } else if (is_used_by_another_name()) {
      reason = "another process uses the file by another name; every node must use the same";
    }
    if (reason.empty()) return;
    ::close(descriptor_);
    throw std::runtime_error{reason};
  }
  ~Shared() { ::close(descriptor_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

 private:
  using Files = std::map<std::pair<dev_t, ino_t>, std::weak_ptr<Shared>>;

  static Files& files() {
    static Files all;
    return all;
  }

  bool is_used_by_another_name() const {
    return is_locked(descriptor_, kFirst, byte_ - kFirst) ||
           is_locked(descriptor_, byte_ + 1, kFirst + kBytes - byte_ - 1);
  }

  off_t byte_;
  int descriptor_;
};

FileClaim::FileClaim(const std::string& path, Use use) {
  const std::scoped_lock lock{files_mutex};
  if (use == Use::made) {
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) ::close(made);
  }
  place_ = FilePlace::of(path);
  place_.require_one_name();
  if (use != Use::alone) {
    shared_ = Shared::of(place_, path);
    return;
  }
  if (Shared::is_used(place_)) throw std::runtime_error{"a node has it open; stop the nodes first"};
  const int descriptor = open_file(path, ::access(path.c_str(), W_OK) == 0 ? O_RDWR : O_RDONLY);
  auto all = range_of(F_WRLCK, kFirst, kBytes);
  const bool free = !is_locked(descriptor, kFirst, kBytes) &&
                    !is_locked(descriptor, kSqliteShared, kSqliteSharedBytes) &&
                    (::fcntl(descriptor, F_OFD_SETLK, &all) == 0 ||
                     errno == EBADF);  // EBADF: opened for reading only, so it cannot take a write lock
  if (!free) {
    ::close(descriptor);
    throw std::runtime_error{"a process has it open; stop the nodes first"};
  }
  alone_ = descriptor;
}

FileClaim::~FileClaim() {
  const std::scoped_lock lock{files_mutex};
  shared_.reset();
  if (alone_ >= 0) ::close(alone_);
}

}  // namespace danwa::sqlite
