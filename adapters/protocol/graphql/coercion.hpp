#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// The scalars: Int (32 bits), Float, String, Boolean, ID as the specification says (section 3.5), and Seq, an
/// integer from 0 to 2^63 - 1. A scalar of another name takes and gives what it gets.

/// A literal (no variable inside) as JSON; nothing when it does not fit.
std::optional<nlohmann::json> scalar_from_literal(std::string_view scalar, const Value& literal);

/// A variable's value; nothing when it does not fit. ID becomes a string, a Seq of digits an integer.
std::optional<nlohmann::json> scalar_from_json(std::string_view scalar, const nlohmann::json& value);

/// A resolver's value as it is answered; nothing when it does not fit.
std::optional<nlohmann::json> scalar_to_json(std::string_view scalar, const nlohmann::json& value);

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
