#pragma once

#include "infra/postgres/script.hpp"

namespace danwa::infra::pg {

/// The first statements of every connection. All our statements find rows by an index; told so, the planner needs
/// no statistics to know, which a young or restored database does not have.
inline Script session_setup() {
  Script script;
  return script.add("SELECT set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)");
}

}  // namespace danwa::infra::pg
