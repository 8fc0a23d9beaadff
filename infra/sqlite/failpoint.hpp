#pragma once

namespace danwa::infra {

/// Named places where a fault test may kill the process, as `kill -9` would. With
/// `DANWA_FAILPOINT=<name>` in the environment the process ends itself at the Nth time it gets there,
/// `DANWA_FAILPOINT_AT=N` (1 when absent). Compiled to nothing unless DANWA_FAILPOINTS is defined.
/// Whether this build has them.
bool has_failpoints();

#ifdef DANWA_FAILPOINTS
void failpoint(const char* name);

/// As above, but dies a moment later, on another thread: inside the call that follows.
void failpoint_within(const char* name);
#else
inline void failpoint(const char* /*name*/) {}
inline void failpoint_within(const char* /*name*/) {}
#endif

}  // namespace danwa::infra
