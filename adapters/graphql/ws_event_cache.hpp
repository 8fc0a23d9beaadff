#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters::graphql {

/// The latest answers that any subscription was given, so that a frame is rendered once for all who select
/// the same of it. Remembers kEntries of them, the oldest going first. Thread safe.
class EventCache {
 public:
  using Text = std::shared_ptr<const std::string>;
  static constexpr std::size_t kEntries = 64;

  /// Null when it is not there.
  Text find(const FramePtr& frame, std::string_view fingerprint) const {
    const std::lock_guard lock{mutex_};
    for (const auto& entry : entries_) {
      if (entry.frame == frame && entry.fingerprint == fingerprint) return entry.text;
    }
    return nullptr;
  }

  void keep(FramePtr frame, std::string_view fingerprint, Text text) {
    Entry entry{std::move(frame), std::string{fingerprint}, std::move(text)};
    const std::lock_guard lock{mutex_};
    std::swap(entries_[next_], entry);
    next_ = (next_ + 1) % kEntries;
  }

 private:
  struct Entry {
    FramePtr frame;
    std::string fingerprint;
    Text text;
  };

  mutable std::mutex mutex_;  // connections of all io threads share the answers; held for a short look
  std::array<Entry, kEntries> entries_;
  std::size_t next_ = 0;
};

}  // namespace danwa::adapters::graphql
