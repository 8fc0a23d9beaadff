#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/graphql/document_cache.hpp"
#include "adapters/graphql/door_params.hpp"
#include "adapters/graphql/resolvers.hpp"
#include "adapters/graphql/subscription.hpp"
#include "adapters/graphql/ws_event_cache.hpp"
#include "usecase/ports/token_verifier.hpp"

namespace danwa::adapters::graphql {

/// An operation that was parsed and validated and has its variables.
struct Prepared {
  std::shared_ptr<const Document> document;
  const Operation* operation = nullptr;
  nlohmann::json variables;

  OperationType type() const { return operation->type; }
};

/// What every transport of GraphQL shares: from a request's text to its answer. Thread safe.
class Door {
 public:
  /// The references outlive the door.
  Door(const UseCases& use_cases, const usecase::TokenVerifier& tokens, UpdateFeed& feed);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// Errors: every reason not to execute it (a request error).
  Outcome<Prepared> prepare(const Params& params);

  /// Runs a query or mutation. The door, and nothing else, outlives the coroutine.
  usecase::Async<nlohmann::ordered_json> run(Prepared prepared, Context context) const;

  /// What a subscription asks for.
  Outcome<Subscription> read_subscription(Prepared prepared) const;
  usecase::Async<domain::Result<usecase::Watch>> watch(Subscription subscription, domain::Credential caller,
                                                       std::optional<domain::Position> seen) const;

  const Schema& schema() const { return schema_; }
  const usecase::TokenVerifier& tokens() const { return tokens_; }
  UpdateFeed& feed() const { return feed_; }
  EventCache& events() { return events_; }

 private:
  const Schema& schema_;
  const UseCases use_cases_;
  const usecase::TokenVerifier& tokens_;
  UpdateFeed& feed_;
  DocumentCache documents_;
  Resolvers resolvers_;
  EventCache events_;
};

}  // namespace danwa::adapters::graphql
