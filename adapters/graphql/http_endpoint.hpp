#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/graphql/resolvers.hpp"
#include "adapters/graphql/ws_event.hpp"
#include "adapters/http/message.hpp"
#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/error.hpp"
#include "adapters/protocol/graphql/parser.hpp"
#include "adapters/protocol/graphql/schema.hpp"
#include "adapters/protocol/graphql/subscription.hpp"
#include "adapters/rest/routes.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"

namespace danwa::adapters::graphql {

/// Parsed and validated documents by their text, at most about kMaxBytes. The least recently used one goes first. Texts
/// with errors are not kept. Thread safe: one mutex, held for look-ups only, never while a text is parsed.
class DocumentCache {
 public:
  static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;

  explicit DocumentCache(const Schema& schema, std::size_t max_entries = 256, ParseLimits limits = {})
      : schema_{schema}, max_entries_{max_entries}, limits_{limits} {}

  /// The document of `text`, parsed and validated now or before. Errors: those of `parse` and `validate`.
  Outcome<std::shared_ptr<const Document>> prepare(std::string_view text);

  std::size_t size() const;  ///< in documents

 private:
  using Entries = std::list<std::shared_ptr<const Document>>;  // most recently used first

  std::shared_ptr<const Document> find(std::string_view text);
  void keep(const std::shared_ptr<const Document>& document);
  void drop_oldest();

  const Schema& schema_;
  const std::size_t max_entries_;
  const ParseLimits limits_;
  mutable std::mutex mutex_;  // requests of all threads share the cache
  Entries entries_;
  std::size_t bytes_ = 0;                                            // of all entries
  std::unordered_map<std::string_view, Entries::iterator> by_text_;  // keys lie in the documents' sources
};

/// The parameters of a request, the same over every transport.
struct Params {
  std::string query;
  std::string operation_name;  ///< empty: the text's only operation
  nlohmann::json variables;    ///< an object, or null
};

/// Reads a JSON object strictly: UTF-8, no name twice, at most 64 KiB and 32 levels, checked before any tree is
/// built. Errors: `invalid_json`; `batch-refused` for an array.
Outcome<nlohmann::json> read_json(std::string_view text);

/// The error code after which Apollo's clients send the whole text (Automatic Persisted Queries). The message is then
/// `PersistedQueryNotSupported`.
inline constexpr std::string_view kPersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED";

/// Whether these errors ask for the whole text. The request was well-formed then, so a WebSocket stays open.
bool asks_for_text(const GraphqlErrors& errors);

/// Reads `query`, `operationName`, `variables` from `object`; `extensions` must be an object or null. Null counts as
/// absent. Errors, gathered: `<name>-missing`, `<name>-wrong-type`; only `kPersistedQueryNotSupported` if
/// `extensions.persistedQuery` stands for the query.
Outcome<Params> read_params(const nlohmann::json& object);

/// The parts that all transports of GraphQL share, to make the answer from the text of a request. Thread safe.
class Endpoint {
 public:
  /// The references outlive the endpoint.
  Endpoint(const UseCases& use_cases, const usecase::TokenVerifier& tokens, delivery::UpdateFeed& feed);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Errors: every reason not to execute the request (a request error of the specification).
  Outcome<Prepared> prepare(const Params& params);

  const UseCases& use_cases() const { return use_cases_; }
  const Resolvers& resolvers() const { return resolvers_; }
  const usecase::TokenVerifier& tokens() const { return tokens_; }
  delivery::UpdateFeed& feed() const { return feed_; }
  EventCache& events() { return events_; }

 private:
  const Schema& schema_;
  const UseCases& use_cases_;
  const usecase::TokenVerifier& tokens_;
  delivery::UpdateFeed& feed_;
  DocumentCache documents_;
  Resolvers resolvers_;
  EventCache events_;
};

/// `/graphql` over HTTP (GraphQL over HTTP, draft of 2025). If `Accept` names `application/graphql-response+json`, the
/// answer has this type, and status 400 if the request was not executed. Else it is `application/json`, with 200 for
/// every well-formed request. Thread safe.
class HttpEndpoint {
 public:
  explicit HttpEndpoint(std::shared_ptr<Endpoint> endpoint) : endpoint_{std::move(endpoint)} {}

  /// A JSON body of `query`, `variables`, `operationName`, `extensions`.
  usecase::Async<http::Reply> post(http::Request request) const;

  /// The same parameters in the URL, `variables` and `extensions` as JSON texts; queries only. An upgrade request gets
  /// a WebSocket, which refuses an unknown subprotocol by a close code.
  usecase::Async<http::Reply> get(http::Request request) const;

 private:
  http::Reply open_socket(const http::Request& request) const;
  usecase::Async<http::Reply> answer(http::Request request, Outcome<Params> params) const;

  std::shared_ptr<Endpoint> endpoint_;
};

/// Adds `/graphql`: queries and mutations by POST, queries by GET, everything over a WebSocket. Everything in `needs`
/// outlives the router.
void add_routes(http::Router& router, const Needs& needs);

}  // namespace danwa::adapters::graphql
