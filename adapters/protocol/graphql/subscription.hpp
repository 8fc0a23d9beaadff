#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/execution.hpp"
#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// A subscriber's request: a source of events, and the selection from each event. Immutable, copyable.
struct Subscription {
  std::string field;                         ///< e.g. "onConversationUpdated"
  std::string response_name;                 ///< its alias, or the same
  nlohmann::json arguments;                  ///< coerced, defaults filled in
  std::string fingerprint;                   ///< equal fingerprints: the same answer to the same event
  std::shared_ptr<const Document> document;  ///< keeps `operation` alive
  const Operation* operation = nullptr;
  nlohmann::json variables;  ///< coerced
};

/// Reads `operation`, a validated subscription of `document`. `variables` are as `coerce_variables` returned them. The
/// fingerprint describes the selection after fragments, variables, `@skip` and `@include`; it says nothing about
/// `arguments`. Errors: `graphql-operation` if `@skip` or `@include` left no field.
Outcome<Subscription> prepare_subscription(const Schema& schema, std::shared_ptr<const Document> document,
                                           const Operation& operation, nlohmann::json variables);

/// The answer `{errors?, data: {<response name>: …}}` for one event. The value of the event is JSON, like that of a
/// resolver.
nlohmann::ordered_json project(const Schema& schema, const Subscription& subscription, const nlohmann::json& event,
                               const ExecutionLimits& limits = {});

}  // namespace danwa::adapters::graphql
