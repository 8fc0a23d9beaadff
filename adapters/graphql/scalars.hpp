#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "adapters/graphql/document.hpp"

namespace danwa::adapters::graphql {

/// The scalars: Int (32 bits), Float, String, Boolean, ID as the specification says (section 3.5), and Seq, an
/// integer from 0 to 2^63 - 1. A scalar of another name takes and gives what it gets.

/// A literal (no variable inside) as JSON; nothing when it does not fit.
std::optional<nlohmann::json> scalar_from_literal(std::string_view scalar, const Value& literal);

/// A variable's value; nothing when it does not fit. ID becomes a string, a Seq of digits an integer.
std::optional<nlohmann::json> scalar_from_json(std::string_view scalar, const nlohmann::json& value);

/// A resolver's value as it is answered; nothing when it does not fit.
std::optional<nlohmann::json> scalar_to_json(std::string_view scalar, const nlohmann::json& value);

}  // namespace danwa::adapters::graphql
