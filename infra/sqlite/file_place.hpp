#pragma once

#include <sys/types.h>

#include <string>

namespace danwa::infra {

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

}  // namespace danwa::infra
