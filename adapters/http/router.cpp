#include "adapters/http/router.hpp"

#include <algorithm>

#include "adapters/http/conditional.hpp"
#include "adapters/http/negotiation.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "adapters/protocol/http/request_target.hpp"

// From a request to its handler. The routes are filled in at the start and searched in order. A request is judged in
// two steps. `refuse_early` needs the head alone, so a request that cannot succeed (404, 405, 401, 415, 413) costs no
// body. `route` then runs the handler. The token is verified once and becomes the lease of the request. If the
// credential of a reader ends while the handler runs, the answer is replaced by an error.

namespace danwa::adapters::http {
namespace {

constexpr std::string_view kAnySegment = "{}";

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == kAnySegment ? path[i].empty() : pattern[i] != path[i]) return false;
  }
  return true;
}

Response allow_answer(int status, const std::string& allow) {
  Response response;
  if (status == 405) response = problem(405, "method-not-allowed", "This resource does not allow the method.");
  response.status = status;
  response.headers.emplace_back("Allow", allow);
  return response;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options) {
  routes_.push_back(Route{std::string{method}, parse_url(pattern).value().segments, std::move(handler), options});
}

const Router::Route* Router::find(const Request& request) const {
  if (request.asks_for_server()) return nullptr;
  const std::string_view method = request.method == "HEAD" ? std::string_view{"GET"} : request.method;
  for (const auto& route : routes_) {
    if (route.method == method && matches(route.segments, request.segments)) return &route;
  }
  return nullptr;
}

Response Router::answer_unrouted(const Request& request) const {
  if (request.asks_for_server()) return allow_answer(204, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  std::string allow;
  for (const auto& route : routes_) {
    if (matches(route.segments, request.segments)) allow += route.method + (route.method == "GET" ? ", HEAD, " : ", ");
  }
  if (allow.empty()) return problem(404, "not-found", "There is nothing here.");
  return allow_answer(request.method == "OPTIONS" ? 204 : 405, allow + "OPTIONS");
}

std::optional<Response> Router::refuse_early(Request& head, std::optional<std::uint64_t> content_length) const {
  const auto* route = find(head);
  if (route == nullptr) {
    auto answer = answer_unrouted(head);
    cors_.allow_preflight(head, answer);
    return answer;
  }
  if (const auto expect = head.header("expect"); expect && !equals_ignoring_case(*expect, "100-continue")) {
    return problem(417, "expectation-unknown", "The only expectation that is met is 100-continue.");
  }
  if (const auto let = let_in(head, route->options.caller); !let) return problem(let.error());
  if (route->options.takes_json && !is_json(head)) {
    return problem(415, "content-type-unsupported", "The body must be application/json in UTF-8, not encoded.");
  }
  if (content_length.value_or(0) > route->options.max_body) {
    return problem(413, "body-too-large", "The body is too large.");
  }
  return std::nullopt;
}

/// Verifies the caller, once for each request.
domain::Result<void> Router::let_in(Request& request, CallerNeed need) const {
  if (need == CallerNeed::none || request.lease || !token_check_) return {};
  auto lease = token_check_(request, need);
  if (!lease) return domain::fail(std::move(lease).error());
  request.lease = std::move(*lease);
  return {};
}

std::size_t Router::max_body(const Request& head) const {
  const auto* route = find(head);
  return route == nullptr ? RouteOptions{}.max_body : route->options.max_body;
}

bool Router::answers_any_host(const Request& head) const {
  if (head.asks_for_server()) return false;
  return std::any_of(routes_.begin(), routes_.end(), [&head](const Route& route) {
    return route.options.any_host && matches(route.segments, head.segments);
  });
}

usecase::Async<Reply> Router::route(Request request) const {
  const auto* route = find(request);
  if (route == nullptr) co_return answer_unrouted(request);
  PathParams params;
  for (std::size_t i = 0; i < route->segments.size(); ++i) {
    if (route->segments[i] == kAnySegment) params.push_back(request.segments[i]);
  }
  const auto need = route->options.caller;
  std::optional<domain::Result<Preconditions>> conditions;
  if (is_conditional_read(request)) conditions = Preconditions::read(request);
  if (const auto let = let_in(request, need); !let) co_return problem(let.error());
  const auto lease = request.lease;
  auto ended = lease ? lease->ended() : std::nullopt;  // while the body arrived
  Reply reply;
  if (!ended) {
    reply = co_await route->handler(std::move(request), std::move(params));
    if (lease && need == CallerNeed::reader) ended = lease->ended();
  }
  if (ended) reply = problem(usecase::credential_ended(*ended));
  auto* response = std::get_if<Response>(&reply);
  if (conditions && response != nullptr) co_return apply_preconditions(*conditions, std::move(*response));
  co_return reply;
}

}  // namespace danwa::adapters::http
