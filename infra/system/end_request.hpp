#pragma once

namespace danwa::infra {

/// Notes the signals that ask a process to end (SIGTERM, SIGINT, SIGHUP, SIGQUIT), for work that must clean up first.
/// SIGPIPE is ignored. At most one per process, made before any other thread. Its handlers stay until the process ends.
class EndRequest {
 public:
  EndRequest();

  bool came() const;  ///< thread safe
};

}  // namespace danwa::infra
