#pragma once

#include "adapters/graphql/schema.hpp"
#include "adapters/graphql/validation/definition_facts.hpp"
#include "adapters/graphql/validation/report.hpp"

namespace danwa::adapters::graphql {

/// Walks every definition once and checks what can be seen at one place: fields, leaves and arguments
/// (specification 5.3.1, 5.3.3, 5.4), types of fragments (5.5.1.2, 5.5.1.3, 5.5.2.1, 5.5.2.3), values (5.6),
/// directives (5.7), types and defaults of variables (5.8.2). Answers what the other rules need.
DocumentFacts check_selections(const Schema& schema, const Document& document, Report& report);

}  // namespace danwa::adapters::graphql
