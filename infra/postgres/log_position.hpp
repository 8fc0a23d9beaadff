#pragma once

namespace danwa::infra::pg {

/// How far the master has come: at or above whatever a snapshot taken before shows, since a commit is flushed before
/// it shows. A position's number is this place in the write-ahead log, in bytes. What is inserted but not flushed
/// is no part of it: a standby does not get that while the master is idle.
inline constexpr const char* kLogEnd = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::text";

}  // namespace danwa::infra::pg
