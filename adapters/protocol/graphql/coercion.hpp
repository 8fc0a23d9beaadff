#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

struct Prepared;

/// The scalars: Int (32 bits), Float, String, Boolean, ID as the specification says (section 3.5), and Seq, an integer
/// from 0 to 2^63 - 1. No value fits a scalar of another name.

/// Converts a literal without variables to JSON. Returns nullopt if it does not fit.
std::optional<nlohmann::json> scalar_from_literal(std::string_view scalar, const Value& literal);

/// Converts the value of a variable, or of a resolver. An ID becomes a string, a Seq of digits an integer. Returns
/// nullopt if it does not fit.
std::optional<nlohmann::json> scalar_from_json(std::string_view scalar, const nlohmann::json& value);

/// Converts `literal` (validated) to a value of `type`, with variables replaced and defaults of input objects filled
/// in. Returns nullopt for a variable without a value, and for a null where none may be.
std::optional<nlohmann::json> coerce_literal(const Schema& schema, const TypeRef& type, const Value& literal,
                                             const nlohmann::json& variables);

/// The given arguments of a field or directive, and the defaults of the others (specification, 6.4.1). Errors, without
/// a path: `graphql-variables` if a variable leaves a required argument without a value.
Outcome<nlohmann::json> coerce_arguments(const Prepared& source, const std::vector<InputDefinition>& definitions,
                                         const std::vector<Argument>& given, Offset at);

}  // namespace danwa::adapters::graphql
