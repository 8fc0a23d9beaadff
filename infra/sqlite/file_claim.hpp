#pragma once

#include <memory>
#include <string>

#include "infra/sqlite/file_place.hpp"

namespace danwa::infra {

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

}  // namespace danwa::infra
