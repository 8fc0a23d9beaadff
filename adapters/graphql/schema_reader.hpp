#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// What a text of type definitions says, each definition in order, nothing checked against another.
struct SchemaText {
  std::vector<TypeDefinition> types;
  std::vector<DirectiveDefinition> directives;
  std::map<OperationType, std::string> roots;  ///< of a `schema { … }` definition; else empty
  std::string description;                     ///< of that definition
};

/// Reads type definitions (specification, section 3, without extensions). The text is trusted to be of a
/// sane size. Errors: `graphql-limit`, `graphql-syntax`.
Outcome<SchemaText> read_schema(std::string_view sdl);

}  // namespace danwa::adapters::graphql
