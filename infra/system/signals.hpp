#pragma once

#include <chrono>
#include <functional>

namespace danwa::infra {

/// The signals that steer the process. Constructed by main before any other thread exists, so that all
/// threads inherit the mask; SIGPIPE is ignored.
class Signals {
 public:
  Signals();

  /// Returns at SIGTERM, SIGINT or SIGQUIT; calls `on_reload` at every SIGHUP until then.
  void wait_for_end(const std::function<void()>& on_reload) const;

  /// From now on another of these signals ends the process at once (status 130), and so does `limit` (status 1), after
  /// `on_late`: nothing may keep a node from ending.
  void end_anyway_after(std::chrono::milliseconds limit, std::function<void()> on_late) const;
};

}  // namespace danwa::infra
