#pragma once

namespace danwa::infra {

/// Notes the signals that ask a process to end, for work that has something to clear away: SIGTERM, SIGINT, SIGHUP and
/// SIGQUIT. SIGPIPE is ignored. One in a process, made before any other thread; it keeps its handlers to the end.
class EndRequest {
 public:
  EndRequest();

  bool came() const;  ///< thread safe
};

}  // namespace danwa::infra
