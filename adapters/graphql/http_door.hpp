#pragma once

#include <memory>

#include "adapters/controllers/routes.hpp"
#include "adapters/graphql/door.hpp"
#include "adapters/http/request.hpp"
#include "adapters/http/response.hpp"

namespace danwa::adapters::graphql {

/// `/graphql` over HTTP (GraphQL over HTTP, draft of 2025). Answers `application/graphql-response+json` where
/// `Accept` names it, with 400 for a request that was not executed; else `application/json`, with 200 for all
/// that was well-formed. Thread safe.
class HttpDoor {
 public:
  explicit HttpDoor(std::shared_ptr<Door> door) : door_{std::move(door)} {}

  /// A JSON body of `query`, `variables`, `operationName`, `extensions`.
  usecase::Async<http::Reply> post(http::Request request) const;

  /// The same in the query, `variables` and `extensions` as JSON texts; queries only. With an upgrade: a
  /// WebSocket, whatever its subprotocol.
  usecase::Async<http::Reply> get(http::Request request) const;

 private:
  http::Reply open_socket(const http::Request& request) const;
  usecase::Async<http::Reply> answer(http::Request request, Outcome<Params> params) const;

  std::shared_ptr<Door> door_;
};

/// Adds `/graphql`: queries and mutations by POST, queries by GET, everything over a WebSocket. What `needs` names
/// outlives the router.
void add_routes(http::Router& router, const Needs& needs);

}  // namespace danwa::adapters::graphql
