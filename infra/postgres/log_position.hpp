#pragma once

namespace danwa::infra::pg {

/// How far the master has come: at or above whatever a snapshot taken before shows. A position's number is
/// this place in the write-ahead log, in bytes.
inline constexpr const char* kLogEnd = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text";

}  // namespace danwa::infra::pg
