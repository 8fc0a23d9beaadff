#include "adapters/graphql/resolvers.hpp"

#include <utility>
#include <variant>

#include "adapters/graphql/ws_event.hpp"
#include "usecase/ports/paging.hpp"

namespace danwa::adapters::graphql {

// The table of resolvers, the watches behind the subscriptions, and the fields of notifications. A resolver reads its
// arguments, calls one use case, and returns the whole value of its field: the engine keeps the selected parts. Fields
// that read the database wait for the turn of their caller, as in REST. Writes do not: the queue of the database bounds
// them.

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

/// Only the caller's own notifications may be watched.
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

// The fields of notifications. Each notification of a page has a cursor of its own, so that a client can resume after
// any of them. It is computed while the page is walked: the cursor before the first one, moved by each update.

/// The cursor before the page: `after`, and seq 0 in the inboxes that it does not name.
domain::MergedCursor start_of(const usecase::ReadNotifications::Output& page,
                              const std::optional<domain::MergedCursor>& after) {
  domain::MergedCursor start = page.next;
  for (auto& [name, seq] : start.seqs) {
    seq = 0;
    if (!after) continue;
    if (const auto known = after->seqs.find(name); known != after->seqs.end()) seq = known->second;
  }
  return start;
}

Async<Result<json>> notifications(const UseCases& use_cases, const json& arguments, const Context& context) {
  const auto limit = limit_argument(arguments);
  if (!limit) co_return fail(limit.error());
  usecase::ReadNotifications::Input input{std::nullopt, *limit, context.seen};
  if (const auto after = text_argument(arguments, "after")) {
    auto cursor = domain::MergedCursor::parse(*after);
    if (!cursor) co_return fail(cursor.error());
    input.after = std::move(*cursor);
  }
  const auto page = co_await use_cases.read_notifications.execute(input, context.caller);
  if (!page) co_return fail(page.error());
  context.tell(page->position);
  if (page->reset) {
    co_return fail(domain::DomainError{domain::ErrorKind::conflict, "reset", "after",
                                       "after does not belong to this log: read from the start."});
  }
  json out{{"notifications", json::array()}, {"next", page->next.to_string()}};
  auto cursor = start_of(*page, input.after);
  for (const auto& update : page->updates) {
    cursor.seqs[update.channel.local_name()] = update.seq;
    const auto* added = std::get_if<domain::NotificationAdded>(&update.body);
    if (added == nullptr) continue;
    out["notifications"].push_back(notification_value(update.channel, *added, update.seq, update.occurred_at, cursor));
  }
  co_return out;
}

/// A cursor that names only the inbox of this notification. Its epoch comes from the sender's own inboxes. If they
/// cannot be read, it is the start of everything.
domain::MergedCursor cursor_of(const domain::Notification& sent,
                               const Result<usecase::ReadNotifications::Output>& inboxes) {
  domain::MergedCursor cursor;
  cursor.from_start = !inboxes;
  if (!inboxes) return cursor;
  cursor.epoch = inboxes->next.epoch;
  cursor.seqs[sent.to.local_name()] = sent.seq;
  return cursor;
}

Async<Result<json>> send_notification(const UseCases& use_cases, const json& arguments, const Context& context) {
  usecase::SendNotification::Input input;
  input.to.user = arguments.at("userName").get<std::string>();
  input.text = arguments.at("text").get<std::string>();
  const auto sent = co_await use_cases.send_notification.execute(std::move(input), context.caller);
  if (!sent) co_return fail(sent.error());
  context.tell(sent->position);
  const auto& notification = sent->notification;
  usecase::ReadNotifications::Input one{std::nullopt, 1, sent->position};
  const auto inboxes = co_await use_cases.read_notifications.execute(std::move(one), context.caller);
  const auto cursor = cursor_of(notification, inboxes);
  const domain::NotificationAdded added{notification.id, notification.sender, notification.text};
  co_return notification_value(notification.to, added, notification.seq, notification.created_at, cursor);
}

}  // namespace

Result<std::size_t> limit_argument(const json& arguments) {
  const auto* given = find_member(arguments, "limit");
  const auto limit = given == nullptr ? kDefaultLimit : given->get<std::int64_t>();
  return usecase::parse_limit(limit < 1 ? 0 : static_cast<std::size_t>(limit), kMaxLimit);
}

Resolvers make_resolvers(const UseCases& use_cases) {
  auto fields = conversation_resolvers();
  fields.push_back({"Query.me", me});
  fields.push_back({"Query.notifications", notifications, true});
  fields.push_back({"Mutation.sendNotification", send_notification});
  Resolvers resolvers;
  for (const auto& each : fields) {
    resolvers[each.field] = [&use_cases, each](const json& arguments, const Context& context) {
      auto answer = each.function(use_cases, arguments, context);
      if (!each.reads_database) return answer;
      return use_cases.turns.in_turn(context.caller, context.visit, std::move(answer));
    };
  }
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
