#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace danwa::adapters {

enum class LogLevel { debug, info, warn, error };

/// One value of a log line.
using LogValue = std::variant<std::string, std::int64_t, double, bool>;
struct LogField {
  LogField(std::string_view key, std::string_view text) : name{key}, value{std::string{text}} {}
  LogField(std::string_view key, const char* text) : name{key}, value{std::string{text}} {}
  LogField(std::string_view key, const std::string& text) : name{key}, value{text} {}
  LogField(std::string_view key, bool truth) : name{key}, value{truth} {}
  LogField(std::string_view key, double real) : name{key}, value{real} {}
  template <class Integer>
  requires std::is_integral_v<Integer> LogField(std::string_view key, Integer integer)
      : name{key}, value{static_cast<std::int64_t>(integer)} {}

  std::string name;
  LogValue value;
};

/// Writes one line per event: an event id (`comment.saved`), then fields. A line never contains a token or a comment's
/// text. Thread safe.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual void log(LogLevel level, std::string_view event, std::vector<LogField> fields) = 0;

  void debug(std::string_view event, std::vector<LogField> fields = {}) {
    log(LogLevel::debug, event, std::move(fields));
  }
  void info(std::string_view event, std::vector<LogField> fields = {}) {
    log(LogLevel::info, event, std::move(fields));
  }
  void warn(std::string_view event, std::vector<LogField> fields = {}) {
    log(LogLevel::warn, event, std::move(fields));
  }
  void error(std::string_view event, std::vector<LogField> fields = {}) {
    log(LogLevel::error, event, std::move(fields));
  }
};

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

/// The text of an exception that ended a task, for the log. `failure` must not be null.
inline std::string failure_reason(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace danwa::adapters
