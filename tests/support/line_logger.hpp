#pragma once

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"

namespace danwa::tests {

/// Keeps every line, debug ones too: `event name=text ...`, numbers left out. Thread safe.
class LineLogger final : public adapters::Logger {
 public:
  void log(adapters::LogLevel level, std::string_view event, std::vector<adapters::LogField> fields) override {
    std::string line{event};
    for (const auto& field : fields) {
      line += ' ' + field.name + '=';
      if (const auto* text = std::get_if<std::string>(&field.value)) line += *text;
    }
    const std::scoped_lock lock{mutex_};
    if (std::getenv("DANWA_TEST_LOG") != nullptr) std::cerr << line << '\n';
    if (level != adapters::LogLevel::debug) ++loud_;
    lines_.push_back(std::move(line));
  }

  std::size_t count(const std::string& part) const {
    const std::scoped_lock lock{mutex_};
    std::size_t found = 0;
    for (const auto& line : lines_) found += line.find(part) != std::string::npos ? 1U : 0U;
    return found;
  }
  bool has(const std::string& part) const { return count(part) > 0; }

  /// Lines above the debug level.
  std::size_t loud() const {
    const std::scoped_lock lock{mutex_};
    return loud_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::size_t loud_ = 0;
};

}  // namespace danwa::tests
