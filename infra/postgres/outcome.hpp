#pragma once

#include <vector>

#include "domain/channel/position.hpp"
#include "infra/postgres/batch_rows.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"

// Looks up the outcome of a transaction whose commit was not acknowledged. The row of its channel is locked first,
// which waits until that transaction has ended. The lock also makes the lookup a transaction that waits for a
// synchronous standby, so a positive outcome is as safe as an acknowledged commit.
namespace danwa::infra::pg {

Script outcome_script(const Witness& witness);

/// True if the answers contain the commit marker.
bool took_place(const std::vector<Rows>& answers);
/// The end of the log, from the answers.
domain::Position outcome_position(const std::vector<Rows>& answers);

}  // namespace danwa::infra::pg
