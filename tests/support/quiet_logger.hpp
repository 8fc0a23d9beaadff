#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"

namespace danwa::tests {

/// Keeps the ids of events instead of writing them. Thread safe.
class QuietLogger final : public adapters::Logger {
 public:
  void log(adapters::LogLevel, std::string_view event, std::vector<adapters::LogField>) override {
    const std::scoped_lock lock{mutex_};
    events_.emplace_back(event);
  }
  bool has(std::string_view event) const {
    const std::scoped_lock lock{mutex_};
    return std::find(events_.begin(), events_.end(), event) != events_.end();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

}  // namespace danwa::tests
