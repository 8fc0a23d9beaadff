#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// The parts of a schema that introspection tells of.
struct SchemaView {
  const std::map<std::string, TypeDefinition, std::less<>>& types;
  const std::map<std::string, DirectiveDefinition, std::less<>>& directives;
  const std::map<OperationType, std::string>& roots;
  const std::string& description;
};

/// A member of this name stands for the type that its value names: types refer to each other in circles.
inline constexpr const char* kTypeReference = "$type";

/// `{schema: <the value of __schema>, types: {<name>: <the value of __type(name:)>}}`.
nlohmann::json describe_schema(const SchemaView& schema);

}  // namespace danwa::adapters::graphql
