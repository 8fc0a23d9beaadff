#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "adapters/graphql/document.hpp"
#include "adapters/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// `literal` (validated) as a value of `type`, variables put in, defaults of input objects filled in. Nothing
/// when it is a variable without a value, or holds a null where none may be.
std::optional<nlohmann::json> coerce_literal(const Schema& schema, const TypeRef& type, const Value& literal,
                                             const nlohmann::json& variables);

/// The arguments of a field or directive (specification, 6.4.1): those given, and defaults. Errors (without a
/// path): `graphql-variables`, when a variable leaves a required one without a value.
Outcome<nlohmann::json> coerce_arguments(const Schema& schema, const Document& document,
                                         const std::vector<InputDefinition>& definitions,
                                         const std::vector<Argument>& given, const nlohmann::json& variables,
                                         Offset at);

}  // namespace danwa::adapters::graphql
