#pragma once

#include <string_view>

namespace danwa::adapters::graphql {

/// The text of schema.graphql, which the build puts into the binary.
std::string_view schema_sdl();

/// The text of builtin.graphql: what every GraphQL schema has (scalars, directives, introspection).
std::string_view builtin_sdl();

}  // namespace danwa::adapters::graphql
