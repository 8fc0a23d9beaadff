#pragma once

#include <memory>
#include <string>

#include "infra/sqlite/file_place.hpp"

namespace danwa::infra {

/// Tells every process of the host that this one uses a database file, and by which name: a kernel lock (an open file
/// description lock) on the file itself, far behind its end, at an offset that the name decides. So whoever reaches the
/// file by another name finds it in use, however that name came about: renamed, replaced, linked, mounted elsewhere.
/// The kernel lets go of it when the process dies. Thread safe.
class FileClaim {
 public:
  enum class Use {
    made,    ///< as `shared`; a file that is not there is made, for its owner alone
    shared,  ///< beside others who use the same name
    alone,   ///< nobody else has the file open, and no node may start meanwhile
  };

  /// `path` is canonical (canonical_path). Throws std::runtime_error with the reason alone.
  FileClaim(const std::string& path, Use use);
  ~FileClaim();
  FileClaim(const FileClaim&) = delete;
  FileClaim& operator=(const FileClaim&) = delete;

  const FilePlace& place() const { return place_; }

 private:
  class Shared;

  FilePlace place_;
  std::shared_ptr<Shared> shared_;  ///< the descriptor: one for all claims of this process on the file
  int alone_ = -1;                  ///< descriptor
};

}  // namespace danwa::infra
