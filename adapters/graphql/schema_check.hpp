#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/graphql/schema_reader.hpp"

namespace danwa::adapters::graphql {

/// The types named Query, Mutation and Subscription, as far as there are any.
std::map<OperationType, std::string> default_roots(const std::vector<TypeDefinition>& types);

/// What keeps `text` (built-in definitions included) from being a schema: names defined twice, fields of
/// unknown types, output types where inputs belong and the reverse, interfaces whose fields are missing, no
/// object as query root. Code `graphql-validation`, without locations.
GraphqlErrors check_schema(const SchemaText& text);

}  // namespace danwa::adapters::graphql
