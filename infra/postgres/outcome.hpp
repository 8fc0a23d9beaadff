#pragma once

#include <vector>

#include "domain/channel/position.hpp"
#include "infra/postgres/batch_rows.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"

// What became of a transaction whose commit nobody has answered. Its channel's row is locked first: that waits
// for its end, and makes this look a transaction that waits for a synchronous standby in its turn.
namespace danwa::infra::pg {

Script outcome_script(const Witness& witness);

/// Of the script's answers: whether the witness is there.
bool took_place(const std::vector<Rows>& answers);
domain::Position outcome_position(const std::vector<Rows>& answers);

}  // namespace danwa::infra::pg
