#include "adapters/rest/routes.hpp"

#include <memory>

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

void add_comments(http::Router& router, const Needs& needs) {
  const auto comments = std::make_shared<const CommentsController>(needs);
  router.add(
      "POST", "/v1/comments", [comments](Request r, PathParams) { return comments->send(std::move(r)); }, kWithBody);
  router.add(
      "GET", "/v1/comments/{}",
      [comments](Request r, PathParams p) { return comments->show(std::move(r), std::move(p[0])); }, kRead);
  router.add(
      "PATCH", "/v1/comments/{}",
      [comments](Request r, PathParams p) { return comments->edit(std::move(r), std::move(p[0])); }, kWithBody);
  router.add(
      "DELETE", "/v1/comments/{}",
      [comments](Request r, PathParams p) { return comments->remove(std::move(r), std::move(p[0])); }, kWrite);
}

void add_conversations(http::Router& router, const Needs& needs) {
  const auto conversations = std::make_shared<const ConversationsController>(needs);
  const auto updates = std::make_shared<const UpdatesController>(needs);
  router.add(
      "GET", "/v1/conversations", [conversations](Request r, PathParams) { return conversations->list(std::move(r)); },
      kRead);
  router.add(
      "GET", "/v1/conversations/{}/comments",
      [conversations](Request r, PathParams p) { return conversations->history(std::move(r), std::move(p[0])); },
      kRead);
  router.add(
      "GET", "/v1/conversations/{}/updates",
      [updates](Request r, PathParams p) { return updates->conversation(std::move(r), std::move(p[0])); }, kRead);
}

void add_rooms(http::Router& router, const Needs& needs) {
  const auto conversations = std::make_shared<const MembershipController>(needs);
  const auto presence = std::make_shared<const PresenceController>(needs);
  router.add(
      "GET", "/v1/conversations/{}/presence",
      [presence](Request r, PathParams p) { return presence->show(std::move(r), std::move(p[0])); }, kRead);
  router.add(
      "GET", "/v1/conversations/{}",
      [conversations](Request r, PathParams p) { return conversations->show(std::move(r), std::move(p[0])); }, kRead);
  router.add(
      "PUT", "/v1/conversations/{}",
      [conversations](Request r, PathParams p) { return conversations->configure(std::move(r), std::move(p[0])); },
      kWithBody);
  router.add(
      "GET", "/v1/conversations/{}/members",
      [conversations](Request r, PathParams p) { return conversations->members(std::move(r), std::move(p[0])); },
      kRead);
  router.add(
      "PUT", "/v1/conversations/{}/members/{}",
      [conversations](Request r, PathParams p) {
        return conversations->join(std::move(r), std::move(p[0]), std::move(p[1]));
      },
      kWrite);
  router.add(
      "DELETE", "/v1/conversations/{}/members/{}",
      [conversations](Request r, PathParams p) {
        return conversations->leave(std::move(r), std::move(p[0]), std::move(p[1]));
      },
      kWrite);
}

void add_notifications(http::Router& router, const Needs& needs) {
  const auto notifications = std::make_shared<const NotificationsController>(needs);
  const auto updates = std::make_shared<const UpdatesController>(needs);
  router.add(
      "POST", "/v1/notifications", [notifications](Request r, PathParams) { return notifications->send(std::move(r)); },
      kWithBody);
  router.add(
      "GET", "/v1/notifications/updates",
      [updates](Request r, PathParams) { return updates->notifications(std::move(r)); }, kRead);
}

usecase::Async<Reply> at_once(Reply reply) { co_return reply; }

void add_node(http::Router& router, const Needs& needs) {
  const auto node = std::make_shared<const NodeController>(needs);
  router.add(
      "GET", "/healthz", [node](const Request&, const PathParams&) { return at_once(node->health()); }, kProbe);
  router.add(
      "GET", "/readyz", [node](const Request&, const PathParams&) { return at_once(node->readiness()); }, kProbe);
  router.add("GET", "/metrics", [node](const Request&, const PathParams&) { return at_once(node->metrics()); });
  router.add(
      "GET", "/v1/cluster", [node](const Request& r, const PathParams&) { return at_once(node->cluster(r)); }, kRead);
}

}  // namespace

void add_routes(http::Router& router, const Needs& needs) {
  router.set_token_check([&tokens = needs.tokens](const Request& request, http::CallerNeed need) {
    return let_in(request, need, tokens);
  });
  add_comments(router, needs);
  add_conversations(router, needs);
  add_rooms(router, needs);
  add_notifications(router, needs);
  add_node(router, needs);
  add_assets(router);
}

}  // namespace danwa::adapters
