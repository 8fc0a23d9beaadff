#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace danwa::tests {

/// Where files are in memory, if there is room for `bytes` of them; else where all temporary files are.
inline std::filesystem::path memory_or_disk(std::uintmax_t bytes) {
  const std::filesystem::path memory{"/dev/shm"};
  std::error_code unknown;
  const auto space = std::filesystem::space(memory, unknown);
  return !unknown && space.available >= bytes ? memory : std::filesystem::temp_directory_path();
}

/// A directory of its own that goes with the scope.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string name = (parent / "danwa-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace danwa::tests
