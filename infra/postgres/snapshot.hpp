#pragma once

#include <optional>
#include <vector>

#include "domain/channel/position.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/target.hpp"

namespace danwa::infra::pg {

/// `queries` in one read-only transaction of one round trip. On a replica, how far it has replayed is read
/// before the snapshot is taken: what the snapshot shows at least. When the position is to be told, how far the
/// server has come is read after the queries: what they can have shown at most.
Script snapshot_script(const Script& queries, Role role, bool tells);

/// The answers to such a script. Throws std::runtime_error when they are not what they must be.
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
  std::size_t first() const { return role_ == Role::replica ? 2 : 1; }  ///< the epoch's place

  const std::vector<Rows>& answers_;
  const Role role_;
  const bool tells_;
};

}  // namespace danwa::infra::pg
