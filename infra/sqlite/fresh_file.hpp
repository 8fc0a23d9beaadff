#pragma once

#include <string>

namespace danwa::infra {

/// A file that is made beside the place where it belongs and gets its name when it is whole. Until then nothing is to
/// be seen at that name; what was there before is never touched. Goes with the object unless it was put in place.
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
  std::string name_;
  std::string path_;
};

}  // namespace danwa::infra
