#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"

namespace danwa::adapters {

/// Logs a repeated failure at most once a second, so an unavailable database does not fill the log. Used by one thread.
class QuietLog {
 public:
  explicit QuietLog(Logger& log) : log_{log} {}

  void error(const char* event, std::vector<LogField> fields) {
    const auto now = std::chrono::steady_clock::now();
    if (event == last_event_ && now - last_ < std::chrono::seconds{1}) {
      ++left_out_;
      return;
    }
    if (left_out_ > 0) fields.emplace_back("left_out", left_out_);
    log_.error(event, std::move(fields));
    last_event_ = event;
    last_ = now;
    left_out_ = 0;
  }

  Logger& plain() { return log_; }

 private:
  Logger& log_;
  std::string last_event_;
  std::chrono::steady_clock::time_point last_;
  std::int64_t left_out_ = 0;
};

}  // namespace danwa::adapters
