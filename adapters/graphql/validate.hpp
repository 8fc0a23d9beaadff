#pragma once

#include "adapters/graphql/document.hpp"
#include "adapters/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// Every rule of the specification's section 5 (October 2021) on `document`; empty: it may be executed. At
/// most 20 errors, code `graphql-validation`. The work is bounded: a document whose fields cannot be
/// compared within a fixed number of steps is refused with `graphql-limit`.
GraphqlErrors validate(const Schema& schema, const Document& document);

}  // namespace danwa::adapters::graphql
