#pragma once

#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/log/logger.hpp"
#include "infra/jwt/key_set.hpp"

namespace danwa::infra {

/// The keys of a file, read again after its stamp (device, inode, size, mtime) has changed. If the new file is broken,
/// the old keys stay valid and one error is logged. Thread safe.
class KeyFile {
 public:
  using Parse = std::function<KeySet(std::string_view bytes)>;

  /// Throws std::runtime_error if the file cannot be read or parsed.
  KeyFile(std::string path, Parse parse, std::chrono::milliseconds look_every, adapters::Logger& log);

  /// Checks the file, unless it did so within `look_every`, and returns the keys.
  std::shared_ptr<const KeySet> keys();

  /// The keys, without a check of the file.
  std::shared_ptr<const KeySet> current() const;

  /// Grows with every new set.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    std::int64_t modified = 0;  // ns
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  Stamp stamp() const;
  std::shared_ptr<const KeySet> read() const;
  void look();

  const std::string path_;
  const Parse parse_;
  const std::chrono::milliseconds look_every_;
  adapters::Logger& log_;
  mutable std::mutex mutex_;  // many io threads read; held for a pointer copy, longer only when the file has changed
  std::chrono::steady_clock::time_point next_look_;
  Stamp seen_;
  std::shared_ptr<const KeySet> keys_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace danwa::infra
