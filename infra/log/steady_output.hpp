#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace danwa::log {

/// Writes lines to a descriptor whose reader may be slow, stopped or gone: a full pipe, a stopped terminal, a socket, a
/// full disk. It waits until the descriptor takes bytes. It never blocks in write(2) on a pipe, a terminal or a socket,
/// so `end_by` ends every wait. It does not change the descriptor's flags, because other processes share them. One
/// thread writes; any thread may call `end_by`. `descriptor` must outlive it.
class SteadyOutput {
 public:
  explicit SteadyOutput(int descriptor);
  ~SteadyOutput();
  SteadyOutput(const SteadyOutput&) = delete;
  SteadyOutput& operator=(const SteadyOutput&) = delete;

  /// Writes the line and a newline. False if it could not be written completely.
  bool write_line(std::string_view line);

  /// From `time` on no write waits: bytes that cannot be written at once are dropped.
  void end_by(std::chrono::steady_clock::time_point time) { end_ = time.time_since_epoch().count(); }

 private:
  enum class Kind { file, pipe, socket, terminal };
  static Kind kind_of(int descriptor);

  bool write_all(std::string_view bytes);
  std::ptrdiff_t write_some(std::string_view bytes) const;
  bool wait_writable() const;
  bool is_over() const;

  const Kind kind_;
  const int own_;         // the terminal, opened a second time without blocking; -1: none
  const int descriptor_;  // the one that is written to
  bool torn_ = false;     // the last line was written partly
  std::atomic<std::int64_t> end_;
};

/// Writes one line to standard error and gives up after `patience`. For the last message of a process that must end.
void say_on_stderr(std::string_view line, std::chrono::milliseconds patience = std::chrono::seconds{1});

}  // namespace danwa::log
