#include "adapters/rest/routes.hpp"

#include <memory>
#include <utility>

#include "adapters/rest/caller.hpp"
#include "adapters/rest/controllers.hpp"

// The table of all HTTP endpoints. A route names its needs (`kRead`, `kWrite`, `kWithBody`), and the router checks
// token and content type by the head alone, so a request that will be rejected is rejected before its body is read.
// Probes accept any `Host`, because load balancers address a node by its IP.

namespace danwa::adapters {
namespace {

using http::PathParams;
using http::Reply;
using http::Request;
using http::RouteOptions;

constexpr RouteOptions kRead{.caller = http::CallerNeed::reader};
constexpr RouteOptions kWrite{.caller = http::CallerNeed::writer};
constexpr RouteOptions kWithBody{.caller = http::CallerNeed::writer, .takes_json = true};
constexpr RouteOptions kProbe{.any_host = true};

/// A handler that calls `endpoint` with the request and one text for each `{}` of its route.
template <class Controller, class... Text>
http::Handler to(std::shared_ptr<const Controller> controller,
                 usecase::Async<Reply> (Controller::*endpoint)(Request, Text...) const) {
  return [controller = std::move(controller), endpoint](Request request, PathParams params) {
    return [&]<std::size_t... kAt>(std::index_sequence<kAt...>) {
      return ((*controller).*endpoint)(std::move(request), std::move(params[kAt])...);
    }
    (std::index_sequence_for<Text...>{});
  };
}

void add_comments(http::Router& router, const Needs& needs) {
  const auto comments = std::make_shared<const CommentsController>(needs);
  router.add("POST", "/v1/comments", to(comments, &CommentsController::send), kWithBody);
  router.add("GET", "/v1/comments/{}", to(comments, &CommentsController::show), kRead);
  router.add("PATCH", "/v1/comments/{}", to(comments, &CommentsController::edit), kWithBody);
  router.add("DELETE", "/v1/comments/{}", to(comments, &CommentsController::remove), kWrite);
}

void add_conversations(http::Router& router, const Needs& needs) {
  const auto lists = std::make_shared<const ConversationsController>(needs);
  router.add("GET", "/v1/conversations", to(lists, &ConversationsController::list), kRead);
  router.add("GET", "/v1/conversations/{}/comments", to(lists, &ConversationsController::history), kRead);
  const auto one = std::make_shared<const MembershipController>(needs);
  router.add("GET", "/v1/conversations/{}", to(one, &MembershipController::show), kRead);
  router.add("PUT", "/v1/conversations/{}", to(one, &MembershipController::configure), kWithBody);
  router.add("GET", "/v1/conversations/{}/members", to(one, &MembershipController::members), kRead);
  router.add("PUT", "/v1/conversations/{}/members/{}", to(one, &MembershipController::join), kWrite);
  router.add("DELETE", "/v1/conversations/{}/members/{}", to(one, &MembershipController::leave), kWrite);
  const auto presence = std::make_shared<const PresenceController>(needs);
  router.add("GET", "/v1/conversations/{}/presence", to(presence, &PresenceController::show), kRead);
}

void add_updates(http::Router& router, const Needs& needs) {
  const auto updates = std::make_shared<const UpdatesController>(needs);
  router.add("GET", "/v1/conversations/{}/updates", to(updates, &UpdatesController::conversation), kRead);
  router.add("GET", "/v1/notifications/updates", to(updates, &UpdatesController::notifications), kRead);
  const auto notifications = std::make_shared<const NotificationsController>(needs);
  router.add("POST", "/v1/notifications", to(notifications, &NotificationsController::send), kWithBody);
}

void add_node(http::Router& router, const Needs& needs) {
  const auto node = std::make_shared<const NodeController>(needs);
  router.add("GET", "/healthz", to(node, &NodeController::health), kProbe);
  router.add("GET", "/readyz", to(node, &NodeController::readiness), kProbe);
  router.add("GET", "/metrics", to(node, &NodeController::metrics));
  router.add("GET", "/v1/cluster", to(node, &NodeController::cluster), kRead);
}

}  // namespace

void add_routes(http::Router& router, const Needs& needs) {
  router.set_token_check([&tokens = needs.tokens](const Request& request, http::CallerNeed need) {
    return let_in(request, need, tokens);
  });
  add_comments(router, needs);
  add_conversations(router, needs);
  add_updates(router, needs);
  add_node(router, needs);
  add_assets(router);
}

}  // namespace danwa::adapters
