#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/execution.hpp"
#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// What a subscriber asked for: a source of events, and what it wants to see of each. Immutable, copyable.
struct Subscription {
  std::string field;                         ///< e.g. "onConversationUpdated"
  std::string response_name;                 ///< its alias, or the same
  nlohmann::json arguments;                  ///< coerced, defaults filled in
  std::string fingerprint;                   ///< equal fingerprints: the same answer to the same event
  std::shared_ptr<const Document> document;  ///< keeps `operation` alive
  const Operation* operation = nullptr;
  nlohmann::json variables;  ///< coerced
};

/// Reads what `operation` (a validated subscription of `document`) asks for; `variables` as
/// `coerce_variables` gave them. The fingerprint names the selection after fragments, variables, `@skip` and
/// `@include`; it says nothing about `arguments`. Errors: `graphql-operation` when `@skip` or `@include` left
/// no field.
Outcome<Subscription> prepare_subscription(const Schema& schema, std::shared_ptr<const Document> document,
                                           const Operation& operation, nlohmann::json variables);

/// The answer `{errors?, data: {<response name>: …}}` for one event, whose value is JSON as a resolver's.
nlohmann::ordered_json project(const Schema& schema, const Subscription& subscription, const nlohmann::json& event,
                               const ExecutionLimits& limits = {});

}  // namespace danwa::adapters::graphql
