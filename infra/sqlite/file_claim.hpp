#pragma once

#include <sys/types.h>
#include <memory>
#include <string>

namespace danwa::sqlite {

// Identity of a database file. SQLite keeps a write-ahead log beside the name by which it opened the file, and danwa
// keeps a lock file there. Two names of one file would mean two logs and two locks, so a database has one name.

/// `path` without symbolic links: the name by which every node opens the file. The file need not exist yet. Throws
/// std::runtime_error if its directory does not exist.
std::string canonical_path(const std::string& path);

/// Identifies the file at `path` until the host restarts.
struct FilePlace {
  dev_t device = 0;
  ino_t inode = 0;
  dev_t directory_device = 0;  ///< with the two below: its name, equal in all containers that mount the directory
  ino_t directory_inode = 0;
  std::string name;
  mode_t mode = 0;
  nlink_t names = 0;
  bool mounted_alone = false;  ///< the file itself is a mount point, without its directory

  /// Throws std::runtime_error if there is no such file.
  static FilePlace of(const std::string& path);

  bool is_same_file(const FilePlace& other) const { return device == other.device && inode == other.inode; }

  /// Identifies the database for LogIdentity: two files that exist at the same time have different ones.
  std::string database() const;

  /// Throws std::runtime_error, whose text is the reason alone, unless it is a regular file with one name, in a
  /// directory that is not mounted apart from it.
  void require_one_name() const;
};

/// The mode of a file beside the database: access for its owner, and for its group if the group may write the database.
mode_t mode_beside(mode_t database);

/// Shows every process of the host that this one uses a database file, and under which name. It is a kernel lock (an
/// open file description lock) on the file itself, far behind its end, at an offset that the name decides. A process
/// that reaches the file by another name therefore finds it in use, however that name came about: renamed, replaced,
/// linked, mounted elsewhere. The kernel releases the lock when the process dies. Thread safe.
class FileClaim {
 public:
  enum class Use {
    made,    ///< as `shared`; creates a missing file, accessible to its owner alone
    shared,  ///< beside processes that use the same name
    alone,   ///< no other process has the file open, and no node may start meanwhile
  };

  /// `path` is canonical (canonical_path). Throws std::runtime_error whose text is the reason alone.
  FileClaim(const std::string& path, Use use);
  ~FileClaim();
  FileClaim(const FileClaim&) = delete;
  FileClaim& operator=(const FileClaim&) = delete;

  const FilePlace& place() const { return place_; }

 private:
  class Shared;

  FilePlace place_;
  std::shared_ptr<Shared> shared_;  ///< one descriptor for all claims of this process on the file
  int alone_ = -1;                  ///< descriptor
};

}  // namespace danwa::sqlite
