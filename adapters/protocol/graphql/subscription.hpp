#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "adapters/protocol/graphql/execution.hpp"

namespace danwa::adapters::graphql {

/// A subscriber's request: a source of events, and the selection from each event. Immutable, copyable.
struct Subscription {
  std::string field;          ///< e.g. "onConversationUpdated"
  std::string response_name;  ///< its alias, or the same
  nlohmann::json arguments;   ///< coerced, defaults filled in
  std::string fingerprint;    ///< equal fingerprints: the same answer to the same event
  Prepared prepared;
};

/// Reads a subscription. The fingerprint describes the selection after fragments, variables, `@skip` and `@include`; it
/// says nothing about `arguments`. Errors: `graphql-operation` if `@skip` or `@include` left no field; `graphql-limit`.
Outcome<Subscription> prepare_subscription(Prepared prepared);

/// The answer `{errors?, data: {<response name>: …}}` for one event. The value of the event is JSON, like that of a
/// resolver.
nlohmann::ordered_json project(const Subscription& subscription, const nlohmann::json& event);

}  // namespace danwa::adapters::graphql
