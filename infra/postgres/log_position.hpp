#pragma once

namespace danwa::infra::pg {

/// How far the master's log is flushed. This is at or above everything that an earlier snapshot shows, because a commit
/// is flushed before it becomes visible. The number of a position is this place in the write-ahead log, in bytes. Log
/// that is inserted but not flushed does not count: an idle master does not send it to a standby.
inline constexpr const char* kLogEnd = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::text";

}  // namespace danwa::infra::pg
