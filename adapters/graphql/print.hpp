#pragma once

#include <string>

#include "adapters/graphql/document.hpp"

namespace danwa::adapters::graphql {

/// `value` as it may stand in a GraphQL text, on one line; reading it again gives the same value.
std::string print(const Value& value);

}  // namespace danwa::adapters::graphql
