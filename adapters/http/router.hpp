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

/// The caller that a route requires.
enum class CallerNeed {
  none,    ///< any caller, or the handler checks by itself
  reader,  ///< a verified caller; an error replaces the answer if the credential ends before it is ready
  writer   ///< a verified caller who may change something
};

/// The requirements of a route, checked before the body is read.
struct RouteOptions {
  CallerNeed caller = CallerNeed::none;  ///< 401 unless the token check succeeds
  bool takes_json = false;               ///< 415 unless the type is `application/json` (UTF-8)
  bool any_host = false;                 ///< every `Host` is answered, because probes use the address
  std::size_t max_body = 64 * 1024;      ///< bytes: 413
};

/// Finds the handler of a request. Filled at start, then read only. Thread safe after that.
///
///     router.add("GET", "/v1/comments/{}", handler);
class Router {
 public:
  using TokenCheck = std::function<domain::Result<usecase::LeasePtr>(const Request&, CallerNeed)>;

  void add(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options = {});

  /// Called once for each request to a route that needs a caller, before its body is read. The result becomes the
  /// request's lease. Set before serving.
  void set_token_check(TokenCheck check) { token_check_ = std::move(check); }

  /// Sets the origins whose pages may read the answers (CORS). Without it only the server's own pages may. Set before
  /// serving.
  void set_cors(CorsPolicy cors) { cors_ = std::move(cors); }

  /// The policy that the session applies to every answer.
  const CorsPolicy& cors() const { return cors_; }

  /// The answer that the head alone decides: 404, 405 with `Allow`, 204 with `Allow` for OPTIONS, 417, 401, 415, and
  /// 413 if `content_length` is too large. nullopt: read the body, then call `route`.
  std::optional<Response> refuse_early(Request& head, std::optional<std::uint64_t> content_length) const;

  /// The maximum size of this request's body in bytes. Chunked bodies do not announce their size.
  std::size_t max_body(const Request& head) const;

  /// True if the resource is answered for every `Host`.
  bool answers_any_host(const Request& head) const;

  /// Runs the handler. A GET or HEAD with preconditions may become 304 or 412 after it. HEAD runs the handler of GET,
  /// and the session leaves out the body. Answers 404 for an unknown path, and 405 with `Allow` for a known path and
  /// another method. OPTIONS is answered 204 with `Allow`, and `*` with every method.
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
  domain::Result<void> let_in(Request& request, CallerNeed need) const;

  std::vector<Route> routes_;
  TokenCheck token_check_;
  CorsPolicy cors_;
};

}  // namespace danwa::adapters::http
