#include "adapters/graphql/resolvers.hpp"

#include <utility>

#include "adapters/graphql/resolvers_table.hpp"
#include "usecase/limit.hpp"

namespace danwa::adapters::graphql {
namespace {

using domain::fail;
using domain::Result;
using nlohmann::json;
using usecase::Async;

constexpr std::int64_t kDefaultLimit = 50;
constexpr std::size_t kMaxLimit = 200;

Async<Result<json>> me(const UseCases&, const json&, const Context& context) {
  const auto& caller = context.caller;
  json stores = json::array();
  for (const auto& store : caller.stores) stores.push_back(store.value());
  json out{{"userId", caller.user.value()},
           {"companyId", caller.company.value()},
           {"stores", std::move(stores)},
           {"anonymous", caller.anonymous}};
  if (caller.expires_at) out["expiresAt"] = domain::to_rfc3339(*caller.expires_at);
  co_return out;
}

/// A person's notifications are theirs alone.
Result<void> require_own(const json& arguments, const domain::Credential& caller) {
  if (caller.anonymous || text_argument(arguments, "userName") == caller.user.value()) return {};
  return fail(domain::forbidden("not-granted", "userName", "userName must be the caller's own user name."));
}

Result<usecase::Watch> watch_notifications(const UseCases& use_cases, const json& arguments,
                                           const domain::Credential& caller,
                                           const std::optional<domain::Position>& seen) {
  if (auto own = require_own(arguments, caller); !own) return fail(std::move(own).error());
  usecase::WatchNotifications::Input input;
  input.seen = seen;
  if (const auto after = text_argument(arguments, "after")) {
    auto cursor = domain::MergedCursor::parse(*after);
    if (!cursor) return fail(std::move(cursor).error());
    input.after = std::move(*cursor);
  }
  return use_cases.watch_notifications.execute(input, caller);
}

}  // namespace

Result<std::size_t> limit_argument(const json& arguments) {
  const auto* given = find_argument(arguments, "limit");
  const auto limit = given == nullptr ? kDefaultLimit : given->get<std::int64_t>();
  return usecase::parse_limit(limit < 1 ? 0 : static_cast<std::size_t>(limit), kMaxLimit);
}

Resolvers make_resolvers(const UseCases& use_cases) {
  Resolvers resolvers;
  ResolverTable table{use_cases, resolvers};
  table.add("Query.me", me);
  add_comment_resolvers(table);
  add_conversation_resolvers(table);
  add_notification_resolvers(table);
  return resolvers;
}

Async<Result<usecase::Watch>> open_watch(const UseCases& use_cases, Subscription subscription,
                                         domain::Credential caller, std::optional<domain::Position> seen) {
  const json& arguments = subscription.arguments;
  if (subscription.field == "onNotificationReceived") {
    co_return watch_notifications(use_cases, arguments, caller, seen);
  }
  usecase::WatchConversation::Input input{arguments.at("conversationKey").get<std::string>(), std::nullopt};
  input.seen = std::move(seen);
  if (const auto after = text_argument(arguments, "after")) {
    auto cursor = domain::Cursor::parse(*after);
    if (!cursor) co_return fail(std::move(cursor).error());
    input.after = std::move(*cursor);
  }
  co_return co_await use_cases.watch_conversation.execute(std::move(input), std::move(caller));
}

}  // namespace danwa::adapters::graphql
