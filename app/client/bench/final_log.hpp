#pragma once

#include "app/client/bench/run_state.hpp"

namespace danwa::app::bench {

/// Reads the log of every conversation of the run from the first node that answers, and enters it into
/// the ledger and the history. What was acknowledged and is not there counts as lost.
void read_final_log(RunState& state);

}  // namespace danwa::app::bench
