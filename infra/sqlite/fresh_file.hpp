#pragma once

#include <string>

namespace danwa::infra {

/// A file that is made beside the place where it belongs, as `<name>.XXXXXX.danwad-part`, and gets its name when it is
/// whole. Until then nothing is to be seen at that name; what was there before is never touched. Goes with the object,
/// and with what SQLite keeps beside it, unless it was put in place. A kernel lock (flock) says that somebody makes it;
/// parts in the same directory that nobody holds, of processes that were killed, are removed by the next one.
/// Throws std::runtime_error, with one sentence.
class FreshFile {
 public:
  /// Makes an empty one, for its owner alone (0600). Refused when there is something of that name.
  explicit FreshFile(std::string name);
  ~FreshFile();
  FreshFile(const FreshFile&) = delete;
  FreshFile& operator=(const FreshFile&) = delete;

  /// Where it is meanwhile.
  const std::string& path() const { return path_; }

  /// Syncs it, gives it its name, syncs the directory.
  void put_in_place();

 private:
  void make();

  std::string name_;
  std::string path_;
  int descriptor_ = -1;  ///< holds the lock
};

}  // namespace danwa::infra
