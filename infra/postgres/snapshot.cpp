#include "infra/postgres/snapshot.hpp"

#include <stdexcept>

#include "infra/postgres/log_position.hpp"

namespace danwa::infra::pg {
namespace {

constexpr const char* kReplayed =
    "SELECT pg_is_in_recovery(), coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::text";

// Received and not only replayed, because a commit becomes visible shortly before it counts as replayed.
constexpr const char* kReceived =
    "SELECT coalesce(pg_wal_lsn_diff(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0'), 0)::text";

}  // namespace

Script snapshot_script(const Script& queries, Role role, bool tells) {
  Script script;
  if (role == Role::replica) script.add(kReplayed).sync();
  script.add("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
  script.add("SELECT value FROM meta WHERE name = 'epoch'");
  script.append(queries);
  if (tells) script.add(role == Role::replica ? kReceived : kLogEnd);
  return script.add("COMMIT");
}

domain::Position Snapshot::position() const {
  if (!tells_) throw std::runtime_error{"a position that was not asked for"};
  return domain::Position{epoch(), answers_.at(answers_.size() - 2).first().number(0)};
}

bool Snapshot::has_reached(const std::optional<domain::Position>& wanted) const {
  return !wanted || answers_.at(0).first().number(1) >= wanted->number;
}

}  // namespace danwa::infra::pg
