#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "adapters/graphql/error.hpp"

namespace danwa::adapters::graphql {

/// What a request asks, the same over every transport.
struct Params {
  std::string query;
  std::string operation_name;  ///< empty: the text's only operation
  nlohmann::json variables;    ///< an object, or null
};

/// Reads a JSON object strictly: UTF-8, no name twice, at most 64 KiB and 32 levels, checked before any tree is
/// built. Errors: `invalid_json`; `batch-refused` for an array.
Outcome<nlohmann::json> read_json(std::string_view text);

/// The code, and as `PersistedQueryNotSupported` the message, by which Apollo's clients learn that they must send the
/// whole text (Automatic Persisted Queries).
inline constexpr std::string_view kPersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED";

/// Whether these errors say so: the request was well-formed, and is answered rather than broken off.
bool asks_for_text(const GraphqlErrors& errors);

/// Takes `query`, `operationName`, `variables` out of `object`; `extensions` must be an object or null. Null counts
/// as absent. Errors, all at once: `<name>-missing`, `<name>-wrong-type`; that of `kPersistedQueryNotSupported` alone
/// when `extensions.persistedQuery` stands for the query.
Outcome<Params> read_params(const nlohmann::json& object);

}  // namespace danwa::adapters::graphql
