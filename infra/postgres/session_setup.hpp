#pragma once

#include "infra/postgres/script.hpp"

namespace danwa::infra::pg {

/// The first statements of every connection. All our statements find a few rows each by an index, one after the
/// other; told so, the planner needs no statistics to know, which a young or restored database does not have.
inline Script session_setup() {
  Script script;
  return script.add(
      "SELECT set_config(name, 'off', false) "
      "FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']) AS settings(name) "
      "UNION ALL SELECT set_config('max_parallel_workers_per_gather', '0', false)");
}

}  // namespace danwa::infra::pg
