#pragma once

#include <sys/types.h>

#include <string>

namespace danwa::infra {

// Where a database file is. SQLite keeps a write-ahead log beside the name by which it opened the file, and danwa a
// lock file. Two names of one file would be two logs and two locks, so a database has one name.

/// `path` without symbolic links: the name by which every node opens the file. The file need not be there yet. Throws
/// std::runtime_error when its directory is not there.
std::string canonical_path(const std::string& path);

/// The file at `path`, for as long as the host runs.
struct FilePlace {
  dev_t device = 0;
  ino_t inode = 0;
  dev_t directory_device = 0;  ///< with the two below: its name, the same in every container that mounts the directory
  ino_t directory_inode = 0;
  std::string name;
  mode_t mode = 0;
  nlink_t names = 0;
  bool mounted_alone = false;  ///< it was mounted by itself, without its directory

  /// Throws std::runtime_error when there is no such file.
  static FilePlace of(const std::string& path);

  bool is_same_file(const FilePlace& other) const { return device == other.device && inode == other.inode; }

  /// Names the database for LogIdentity: no two files that are there at once have the same one.
  std::string database() const;

  /// Throws std::runtime_error, with the reason alone, unless it is a regular file of one name in its own directory.
  void require_one_name() const;
};

/// The mode of a file beside the database: for its owner, and for its group when that may write the database.
mode_t mode_beside(mode_t database);

}  // namespace danwa::infra
