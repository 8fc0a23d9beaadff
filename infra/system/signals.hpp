#pragma once

#include <chrono>
#include <functional>

namespace danwa::infra {

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

}  // namespace danwa::infra
