#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace danwa::system {

/// Notes the signals that ask a process to end (SIGTERM, SIGINT, SIGHUP, SIGQUIT), for work that must clean up first.
/// SIGPIPE is ignored. At most one per process, made before any other thread. Its handlers stay until the process ends.
class EndRequest {
 public:
  EndRequest();

  bool came() const;  ///< thread safe
};

/// The signals that control the process. `main` constructs it before any other thread exists, so all threads inherit
/// the mask. SIGPIPE is ignored.
class Signals {
 public:
  Signals();

  /// Returns at SIGTERM, SIGINT or SIGQUIT. Calls `on_reload` at every SIGHUP before that.
  void wait_for_end(const std::function<void()>& on_reload) const;

  /// A guarantee that the node ends: from here on another of these signals ends the process at once (status 130). After
  /// `limit` it calls `on_late` and ends the process with status 1.
  void end_anyway_after(std::chrono::milliseconds limit, std::function<void()> on_late) const;
};

/// Makes the standard streams safe to use; `main` calls it first. A stream that the parent has closed becomes
/// /dev/null. Otherwise the next open file, for example a database, gets its number and with it the log lines. SIGPIPE
/// is ignored, so a reader that goes away does not end the process.
void prepare_standard_streams();

/// User and system CPU time of this process, in seconds.
double cpu_seconds();

/// The usual `process_...` figures in Prometheus text format: CPU seconds, resident memory, open
/// descriptors and their limit, threads, start time.
std::string process_figures();

/// Descriptors that the process has open now.
std::uint64_t open_descriptors();

/// Raises the soft limit of open descriptors to the hard one. Returns the limit that holds then.
std::uint64_t raise_descriptor_limit();

}  // namespace danwa::system
