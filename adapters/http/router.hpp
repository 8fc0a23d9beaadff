#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/message.hpp"
#include "adapters/http/origin_check.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::adapters::http {

/// Values of the `{}` segments of a route, in order, decoded.
using PathParams = std::vector<std::string>;
using Handler = std::function<usecase::Async<Reply>(Request request, PathParams params)>;

/// What a route wants to know of who calls.
enum class CallerNeed {
  none,    ///< nothing, or its handler finds out by itself
  reader,  ///< who may read; the answer is held back when the credential ends before it is ready
  writer   ///< who may change something
};

/// What is asked of a request before its body is read.
struct RouteOptions {
  CallerNeed caller = CallerNeed::none;  ///< 401 unless the router's check lets it in
  bool takes_json = false;               ///< 415 unless the type is `application/json` (UTF-8)
  bool any_host = false;                 ///< answered whatever the `Host`: probes come by address
  std::size_t max_body = 64 * 1024;      ///< bytes: 413
};

/// Finds the handler of a request. Filled at start, then read only. Thread safe after that.
///
///     router.add("GET", "/v1/comments/{}", handler);
class Router {
 public:
  using TokenCheck = std::function<domain::Result<usecase::LeasePtr>(const Request&, CallerNeed)>;

  void add(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options = {});

  /// Asked once for each request to a route that needs a caller, before its body is read; what it gives becomes the
  /// request's lease. Set before serving.
  void set_token_check(TokenCheck check) { token_check_ = std::move(check); }

  /// Which origins' pages may read the answers (CORS); without it none but the server's own. Set before
  /// serving.
  void set_cors(CorsPolicy cors) { cors_ = std::move(cors); }

  /// What the session grants on every answer.
  const CorsPolicy& cors() const { return cors_; }

  /// The answer that needs no body, from the head alone: 404, 405 with `Allow`, 204 with `Allow` for
  /// OPTIONS, 417, 401, 415, and 413 when `content_length` says so. Nothing: read the body, then `route`.
  std::optional<Response> refuse_early(Request& head, std::optional<std::uint64_t> content_length) const;

  /// The most bytes of body that this request may have (chunked ones tell no length beforehand).
  std::size_t max_body(const Request& head) const;

  /// The resource does not mind its `Host`.
  bool answers_any_host(const Request& head) const;

  /// Runs the handler; a GET or HEAD with preconditions may become 304 or 412 after it. 404 problem for an unknown
  /// path, 405 with `Allow` for a known path and another method; HEAD runs GET's handler (the session leaves out the
  /// body); OPTIONS answers 204 with `Allow`, and for `*` with every method.
  usecase::Async<Reply> route(Request request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;  // "{}" matches any one non-empty segment
    Handler handler;
    RouteOptions options;
  };
  const Route* find(const Request& request) const;
  Response answer_unrouted(const Request& request) const;
  std::optional<Response> find_refusal(Request& head, std::optional<std::uint64_t> content_length) const;
  domain::Result<void> let_in(Request& request, CallerNeed need) const;

  std::vector<Route> routes_;
  TokenCheck token_check_;
  CorsPolicy cors_;
};

}  // namespace danwa::adapters::http
