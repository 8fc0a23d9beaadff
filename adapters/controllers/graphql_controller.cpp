#include "adapters/controllers/graphql_controller.hpp"

#include <memory>
#include <utility>

#include "adapters/graphql/door.hpp"
#include "adapters/graphql/http_door.hpp"

namespace danwa::adapters {
namespace {

graphql::UseCases to_use_cases(const Needs& needs) {
  return {needs.send_comment,       needs.edit_comment,        needs.remove_comment,     needs.get_comment,
          needs.list_comments,      needs.list_conversations,  needs.rooms.get,          needs.rooms.join,
          needs.rooms.leave,        needs.rooms.members,       needs.notifications.send, needs.notifications.read,
          needs.watch_conversation, needs.notifications.watch, needs.read_position,      needs.turns};
}

}  // namespace

void add_graphql(http::Router& router, const Needs& needs) {
  auto door = std::make_shared<graphql::Door>(to_use_cases(needs), needs.tokens, needs.feed);
  const auto http = std::make_shared<const graphql::HttpDoor>(std::move(door));
  router.add("POST", "/graphql", [http](http::Request r, http::PathParams) { return http->post(std::move(r)); },
             {.takes_json = true});
  router.add("GET", "/graphql", [http](http::Request r, http::PathParams) { return http->get(std::move(r)); });
}

}  // namespace danwa::adapters
