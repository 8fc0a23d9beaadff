#pragma once

#include <optional>
#include <vector>

#include "domain/channel/position.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/target.hpp"

namespace danwa::infra::pg {

/// Wraps `queries` in one read-only transaction of one round trip. On a replica, the replayed position is read before
/// the snapshot is taken: a lower bound of what the snapshot shows. If `tells` is set, the position of the server is
/// read after the queries: an upper bound of what they can have shown.
Script snapshot_script(const Script& queries, Role role, bool tells);

/// The answers to such a script. Throws std::runtime_error if they do not have the expected shape.
class Snapshot {
 public:
  Snapshot(const std::vector<Rows>& answers, Role role, bool tells) : answers_{answers}, role_{role}, tells_{tells} {}

  /// The answer to the nth of the queries.
  const Rows& rows(std::size_t n) const { return answers_.at(first() + 1 + n); }

  domain::Epoch epoch() const { return answers_.at(first()).first().text(0); }
  domain::Position position() const;

  bool is_standby() const { return answers_.at(0).first().truth(0); }  ///< of a replica's answers
  bool has_reached(const std::optional<domain::Position>& wanted) const;

 private:
  std::size_t first() const { return role_ == Role::replica ? 2 : 1; }  ///< index of the epoch's answer

  const std::vector<Rows>& answers_;
  const Role role_;
  const bool tells_;
};

}  // namespace danwa::infra::pg
