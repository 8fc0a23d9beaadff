#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/log/logger.hpp"

namespace danwa::log {

enum class LogFormat { automatic, json, text };  ///< automatic: text on a terminal, else JSON

/// `{"ts":"2026-11-22T09:08:07.006Z","level":"info","event":"node.started","node":"a", ...}`, one line.
std::string format_json_line(adapters::LogLevel level, std::string_view event, std::string_view node,
                             const std::vector<adapters::LogField>& fields, std::string_view timestamp);

/// The form for people: `09:08:07.006 info  node.started http=127.0.0.1:8080`.
std::string format_text_line(adapters::LogLevel level, std::string_view event,
                             const std::vector<adapters::LogField>& fields, std::string_view timestamp);

/// Writes log lines to standard output on a thread of its own. A caller never waits, even if the output blocks: 8,192
/// lines may wait, then the oldest are dropped. A line that cannot be written is dropped, too. The next line that is
/// written is preceded by `log.dropped` with the number of dropped lines. Thread safe.
class JsonLogger final : public adapters::Logger {
 public:
  struct Options {
    std::string node;  ///< empty: no `node` field
    adapters::LogLevel level = adapters::LogLevel::info;
    LogFormat format = LogFormat::automatic;
    int descriptor = 1;  ///< stays open as long as the logger lives
  };

  explicit JsonLogger(Options options);
  ~JsonLogger() override;  ///< writes the waiting lines, for about a second at most

  void log(adapters::LogLevel level, std::string_view event, std::vector<adapters::LogField> fields) override;
  void set_level(adapters::LogLevel level) { level_.store(level, std::memory_order_relaxed); }

  /// The number of lines that were dropped since the start.
  std::uint64_t dropped() const;

 private:
  class Output;
  class Queue;

  std::string format(adapters::LogLevel level, std::string_view event,
                     const std::vector<adapters::LogField>& fields) const;

  std::string node_;
  std::atomic<adapters::LogLevel> level_;
  bool text_;
  std::unique_ptr<Queue> queue_;
};

}  // namespace danwa::log
