#pragma once

namespace danwa::sqlite {

/// Failpoints: named places where a fault test may kill the process, as `kill -9` would. With `DANWA_FAILPOINT=<name>`
/// in the environment, the process kills itself when it reaches that place for the Nth time (`DANWA_FAILPOINT_AT=N`, 1
/// if absent). Compiled to nothing unless DANWA_FAILPOINTS is defined. True if this build has failpoints.
bool has_failpoints();

#ifdef DANWA_FAILPOINTS
void failpoint(const char* name);

/// As above, but the process dies a moment later, on another thread, inside the call that follows.
void failpoint_within(const char* name);
#else
inline void failpoint(const char* /*name*/) {}
inline void failpoint_within(const char* /*name*/) {}
#endif

}  // namespace danwa::sqlite
