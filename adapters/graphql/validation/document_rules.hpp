#pragma once

#include "adapters/graphql/schema.hpp"
#include "adapters/graphql/validation/definition_facts.hpp"
#include "adapters/graphql/validation/report.hpp"

namespace danwa::adapters::graphql {

/// Names of operations, and the anonymous one alone (specification 5.2.1, 5.2.2); names of fragments (5.5.1.1).
void check_names(const Document& document, Report& report);

/// Every fragment is used (5.5.1.4) and none contains itself (5.5.2.2). False when one does.
bool check_fragment_graph(const Document& document, const DocumentFacts& facts, Report& report);

/// A subscription has one root field, and none of introspection (5.2.3.1). Fragments must not contain
/// themselves.
void check_subscriptions(const Document& document, Report& report);

/// Variables: unique names, all defined, all used, usable where they stand (5.8.1, 5.8.3 to 5.8.5).
void check_variables(const Schema& schema, const Document& document, const DocumentFacts& facts, Report& report);

}  // namespace danwa::adapters::graphql
