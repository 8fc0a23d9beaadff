#pragma once

#include "adapters/graphql/schema.hpp"
#include "adapters/graphql/validation/report.hpp"

namespace danwa::adapters::graphql {

/// Fields of one response name can be merged (specification 5.3.2). Fragments must not contain themselves.
///
/// Instead of every pair, each field is compared with the first of its group, and the selections below a group
/// are merged before they are looked at; a merged set that was seen before is not looked at again. What is
/// left can still grow with nested fragments, so the number of steps is bounded: over it, the document is
/// refused (`graphql-limit`).
void check_overlapping_fields(const Schema& schema, const Document& document, Report& report);

}  // namespace danwa::adapters::graphql
