#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace danwa::infra {

/// Writes lines to a descriptor whose reader may be slow, stopped or gone: a full pipe, a stopped terminal, a socket, a
/// full disk. It waits until the descriptor takes bytes, and never blocks in write(2) on a pipe, a terminal or a
/// socket, so that `end_by` ends every wait. It leaves the descriptor's flags alone, because other processes share
/// them. One thread writes; `end_by` may be called by any. `descriptor` outlives it.
class SteadyOutput {
 public:
  explicit SteadyOutput(int descriptor);
  ~SteadyOutput();
  SteadyOutput(const SteadyOutput&) = delete;
  SteadyOutput& operator=(const SteadyOutput&) = delete;

  /// Writes the line and a newline. False when it could not be written, wholly or in part.
  bool write_line(std::string_view line);

  /// From `time` on nothing waits any more: what cannot be written at once is not written.
  void end_by(std::chrono::steady_clock::time_point time) { end_ = time.time_since_epoch().count(); }

 private:
  enum class Kind { file, pipe, socket, terminal };
  static Kind kind_of(int descriptor);

  bool write_all(std::string_view bytes);
  std::ptrdiff_t write_some(std::string_view bytes) const;
  bool wait_writable() const;
  bool is_over() const;

  const Kind kind_;
  const int own_;         // the terminal, opened once more without blocking; -1: none
  const int descriptor_;  // that is written to
  bool torn_ = false;     // the last line was written in part
  std::atomic<std::int64_t> end_;
};

/// Says one line on standard error, and gives up after `patience`: for the last words of a process that must end.
void say_on_stderr(std::string_view line, std::chrono::milliseconds patience = std::chrono::seconds{1});

}  // namespace danwa::infra
