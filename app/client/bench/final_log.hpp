#pragma once

#include "app/client/bench/run_state.hpp"

namespace danwa::app::bench {

/// Reads the log of every conversation of the run from the first node that answers, and records it in the ledger and
/// the history. An acknowledged comment that is missing counts as lost.
void read_final_log(RunState& state);

}  // namespace danwa::app::bench
