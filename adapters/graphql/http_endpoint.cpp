#include "adapters/graphql/http_endpoint.hpp"

#include <array>
#include <utility>

#include "adapters/graphql/resolve.hpp"
#include "adapters/graphql/ws_connection.hpp"
#include "adapters/http/bearer.hpp"
#include "adapters/http/handshake.hpp"
#include "adapters/http/negotiation.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/protocol/graphql/validation.hpp"
#include "adapters/protocol/json/json_reader.hpp"
#include "adapters/rest/answers.hpp"
#include "adapters/rest/caller.hpp"
#include "adapters/rest/query.hpp"

namespace danwa::adapters::graphql {

// A GraphQL request in three steps, the same for HTTP and WebSocket: a text becomes a validated document
// (DocumentCache), the document an operation with its variables (Endpoint::prepare), the operation an answer
// (execute). A client sends the same few texts with other variables, so documents are cached by their text and
// used by many threads at once: nothing changes a document after its validation. The cache is bounded in bytes, too,
// because clients choose the texts.
//
// HttpEndpoint adds the rules of GraphQL over HTTP. They depend on the media type that the client accepts. With
// `application/graphql-response+json` the status says whether the request was executed. With `application/json` it is
// 200 for every well-formed request, and only the body has the errors.

namespace {

constexpr std::size_t kBytesPerToken = 160;  // of a tree: a field without arguments has one token

std::size_t bytes_of(const Document& document) { return document.source.size() + document.tokens * kBytesPerToken; }

}  // namespace

Outcome<std::shared_ptr<const Document>> DocumentCache::prepare(std::string_view text) {
  if (auto known = find(text)) return known;
  auto parsed = parse(text, limits_);
  if (!parsed) return refuse(std::move(parsed).error());
  auto document = std::make_shared<const Document>(std::move(*parsed));
  if (auto errors = validate(schema_, *document); !errors.empty()) return refuse(std::move(errors));
  keep(document);
  return document;
}

std::size_t DocumentCache::size() const {
  const std::scoped_lock lock{mutex_};
  return entries_.size();
}

std::shared_ptr<const Document> DocumentCache::find(std::string_view text) {
  const std::scoped_lock lock{mutex_};
  const auto found = by_text_.find(text);
  if (found == by_text_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front();
}

void DocumentCache::keep(const std::shared_ptr<const Document>& document) {
  const std::scoped_lock lock{mutex_};
  if (max_entries_ == 0 || by_text_.contains(document->source)) return;  // another thread was faster
  const auto bytes = bytes_of(*document);
  while (!entries_.empty() && (entries_.size() == max_entries_ || bytes_ + bytes > kMaxBytes)) drop_oldest();
  entries_.push_front(document);
  by_text_.emplace(document->source, entries_.begin());
  bytes_ += bytes;
}

void DocumentCache::drop_oldest() {
  bytes_ -= bytes_of(*entries_.back());
  by_text_.erase(entries_.back()->source);
  entries_.pop_back();
}

using nlohmann::ordered_json;
using usecase::Async;

Endpoint::Endpoint(const UseCases& use_cases, const usecase::TokenVerifier& tokens, delivery::UpdateFeed& feed)
    : schema_{danwa_schema()},
      use_cases_{use_cases},
      tokens_{tokens},
      feed_{feed},
      documents_{schema_},
      resolvers_{make_resolvers(use_cases_)} {}

Outcome<Prepared> Endpoint::prepare(const Params& params) {
  auto document = documents_.prepare(params.query);
  if (!document) return graphql::refuse(std::move(document).error());
  const auto operation = select_operation(**document, params.operation_name);
  if (!operation) return graphql::refuse(operation.error());
  auto variables = coerce_variables(schema_, **document, **operation, params.variables);
  if (!variables) return graphql::refuse(std::move(variables).error());
  return Prepared{schema_, std::move(*document), **operation, std::move(*variables)};
}

namespace {

using nlohmann::json;

bool is_batch(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

/// Reads members of a request's object, and gathers the errors.
class Members {
 public:
  explicit Members(const json& object) : object_{object} {}

  std::string text(const std::string& name) {
    const auto* value = find(name, json::value_t::string, "must be a string.");
    return value == nullptr ? std::string{} : value->get<std::string>();
  }

  json map(const std::string& name) {
    const auto* value = find(name, json::value_t::object, "must be an object.");
    return value == nullptr ? json{} : *value;
  }

  void refuse(const std::string& name, const std::string& why, const std::string& message) {
    errors_.push_back({name + " " + message, name + "-" + why, name});
  }

  const GraphqlErrors& errors() const { return errors_; }

 private:
  const json* find(const std::string& name, json::value_t type, const char* otherwise) {
    const auto* value = find_member(object_, name);
    if (value == nullptr || value->type() == type) return value;
    refuse(name, "wrong-type", otherwise);
    return nullptr;
  }

  const json& object_;
  GraphqlErrors errors_;
};

/// Whether the request has only the hash of a query in place of its text.
bool names_persisted_query(const json& object, const json& extensions) {
  const auto* query = find_member(object, "query");
  const auto* persisted = find_member(extensions, "persistedQuery");
  const bool missing = query == nullptr || (query->is_string() && query->get_ref<const std::string&>().empty());
  return missing && persisted != nullptr && persisted->is_object();
}

}  // namespace

Outcome<json> read_json(std::string_view text) {
  if (is_batch(text)) {
    return graphql::refuse(GraphqlError{"One request at a time: batches are not accepted.", "batch-refused"});
  }
  auto tree = read_json_tree(text);
  if (!tree) return graphql::refuse(to_graphql_errors(tree.error()));
  return std::move(*tree);
}

bool asks_for_text(const GraphqlErrors& errors) { return errors.front().code == kPersistedQueryNotSupported; }

Outcome<Params> read_params(const json& object) {
  Members members{object};
  const auto extensions = members.map("extensions");
  if (names_persisted_query(object, extensions)) {
    return graphql::refuse(GraphqlError{"PersistedQueryNotSupported", std::string{kPersistedQueryNotSupported}});
  }
  if (find_member(object, "query") == nullptr) members.refuse("query", "missing", "must hold a GraphQL text.");
  Params params{members.text("query"), members.text("operationName"), members.map("variables")};
  if (!members.errors().empty()) return graphql::refuse(members.errors());
  return params;
}

namespace {

using http::Reply;
using http::Request;
using http::Response;

constexpr std::string_view kGraphql = "application/graphql-response+json";
constexpr std::string_view kJson = "application/json";

/// If both types are equally acceptable, the newer one, but only for clients that name it. Empty: none is acceptable.
std::string_view choose_type(const Request& request) {
  const bool named = request.header("accept").value_or("").find(kGraphql) != std::string_view::npos;
  const std::array<std::string_view, 2> offered{named ? kGraphql : kJson, named ? kJson : kGraphql};
  return http::choose_media_type(request, offered);
}

Response to_response(int status, std::string_view type, const ordered_json& body) {
  Response response = json_answer(status, body.dump());
  response.content_type = std::string{type} + "; charset=utf-8";
  return response;
}

Response refusal(int status, std::string_view type, std::string code, std::string message) {
  return to_response(status, type, failed_request({{std::move(message), std::move(code)}}));
}

/// The status and headers of the same error in REST, with the body of GraphQL.
Response refusal(std::string_view type, const domain::Errors& errors) {
  Response response = to_response(200, type, failed_request(to_graphql_errors(errors)));
  Response problem = http::problem(errors);
  response.status = problem.status;
  for (const auto& [name, value] : problem.headers) response.add_if_absent(name, value);
  return response;
}

/// The status, by type, for a request that was well-formed and not executed.
int status_of_failure(std::string_view type) { return type == kGraphql ? 400 : 200; }

/// The status for wrong parameters. A client that tries a persisted query must read the error, to send the text then.
/// So it gets the status of a well-formed request.
int status_of_refusal(std::string_view type, const GraphqlErrors& errors) {
  return asks_for_text(errors) ? status_of_failure(type) : 400;
}

/// Reads the parameters from the URL. They are those of a body; `variables` and `extensions` are JSON texts here.
Outcome<Params> read_query(const Request& request) {
  json object = json::object();
  for (const auto& [name, value] : request.query) {
    if (object.contains(name)) {
      return graphql::refuse({name + " must stand in the query once.", name + "-repeated", name});
    }
    if (name == "query" || name == "operationName") object[name] = value;
    if ((name == "variables" || name == "extensions") && !value.empty() && value != "null") {
      auto parsed = read_json(value);
      if (!parsed) return graphql::refuse(std::move(parsed).error());
      object[name] = std::move(*parsed);
    }
  }
  return read_params(object);
}

}  // namespace

Async<Reply> HttpEndpoint::post(Request request) const {
  auto object = read_json(request.body);
  auto params = object ? read_params(*object) : Outcome<Params>{graphql::refuse(object.error())};
  co_return co_await answer(std::move(request), std::move(params));
}

Async<Reply> HttpEndpoint::get(Request request) const {
  if (request.method == "GET" && http::asks_for_websocket(request)) co_return open_socket(request);
  auto params = read_query(request);
  co_return co_await answer(std::move(request), std::move(params));
}

Async<Reply> HttpEndpoint::answer(Request request, Outcome<Params> params) const {
  const auto type = choose_type(request);
  if (type.empty()) {
    co_return http::problem(406, "not-acceptable", "GraphQL is answered as JSON: see Accept.");
  }
  auto lease = lease_of(request, endpoint_->tokens());
  if (!lease) co_return refusal(type, lease.error());
  Query query{request};
  auto seen = query.position();
  if (query.errors()) co_return refusal(type, *query.errors());
  if (!params) co_return to_response(status_of_refusal(type, params.error()), type, failed_request(params.error()));
  auto prepared = endpoint_->prepare(*params);
  if (!prepared) co_return to_response(status_of_failure(type), type, failed_request(prepared.error()));
  if (prepared->type() == OperationType::subscription) {
    co_return refusal(400, type, "subscription-over-http",
                      "Subscriptions need a WebSocket to this address (graphql-transport-ws).");
  }
  if (prepared->type() == OperationType::mutation && request.method != "POST") {
    auto response = refusal(405, type, "mutation-over-get", "GET is for queries: send mutations by POST.");
    response.headers.emplace_back("Allow", "POST");
    co_return response;
  }
  domain::SeenPosition told;
  const Context context{(*lease)->who(), std::move(seen), &told, request.cancellation};
  const auto answer = co_await execute(*prepared, endpoint_->resolvers(), context);
  const auto ended = prepared->type() == OperationType::query ? (*lease)->ended() : std::nullopt;
  if (ended) co_return refusal(type, usecase::credential_ended(*ended));
  auto response = to_response(answer.contains("data") ? 200 : status_of_failure(type), type, answer);
  add_position(response, told.latest());
  co_return response;
}

Reply HttpEndpoint::open_socket(const Request& request) const {
  if (const auto way = check_way(request, endpoint_->tokens()); !way) return failure(way.error());
  auto bearer = http::find_bearer(request);
  if (!bearer) return failure(bearer.error());
  UpgradeLease upgrade;
  if (bearer->token) {
    upgrade = endpoint_->tokens().lease(*bearer->token);
    if (!*upgrade) return failure(upgrade->error());
  } else if (bearer->other_scheme) {
    upgrade = domain::fail(http::token_invalid());  // unless `connection_init` holds a token
  }
  const auto dialect = choose_dialect(request);
  http::OpenMessages open{std::make_shared<WsConnection>(endpoint_, dialect, std::move(upgrade)), std::nullopt};
  if (dialect) open.subprotocol = std::string{subprotocol_of(*dialect)};
  return open;
}

void add_routes(http::Router& router, const Needs& needs) {
  auto shared = std::make_shared<Endpoint>(needs.use, needs.tokens, needs.feed);
  const auto endpoint = std::make_shared<const HttpEndpoint>(std::move(shared));
  router.add("POST", "/graphql", [endpoint](Request r, http::PathParams) { return endpoint->post(std::move(r)); },
             {.takes_json = true});
  router.add("GET", "/graphql", [endpoint](Request r, http::PathParams) { return endpoint->get(std::move(r)); });
}

}  // namespace danwa::adapters::graphql
