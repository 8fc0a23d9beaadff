#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// The parts of a schema that introspection describes.
struct SchemaView {
  const std::map<std::string, TypeDefinition, std::less<>>& types;
  const std::map<std::string, DirectiveDefinition, std::less<>>& directives;
  const std::map<OperationType, std::string>& roots;
  const std::string& description;
};

/// An object with this one member stands for the type that the member names, because types refer to each other in
/// circles.
inline constexpr const char* kTypeReference = "$type";

/// `{schema: <the value of __schema>, types: {<name>: <the value of __type(name:)>}}`.
nlohmann::json describe_schema(const SchemaView& schema);

}  // namespace danwa::adapters::graphql
