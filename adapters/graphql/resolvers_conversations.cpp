#include <utility>

#include "adapters/controllers/told_position.hpp"
#include "adapters/graphql/resolvers_table.hpp"
#include "adapters/json/conversation_mark.hpp"

// The fields of conversations as rooms: their list, settings and members.

namespace danwa::adapters::graphql {
namespace {

using domain::fail;
using domain::Result;
using nlohmann::json;
using usecase::Async;

json to_value(const domain::Member& member) {
  return {{"userId", member.user.value()},
          {"role", domain::to_string(member.role)},
          {"joinedAt", domain::to_rfc3339(member.joined_at)}};
}

json to_value(const usecase::ConversationRepository::View& view) {
  json out{{"conversationKey", view.conversation.key.value()},
           {"visibility", domain::to_string(view.conversation.visibility)},
           {"headSeq", view.head}};
  if (view.conversation.title) out["title"] = view.conversation.title->value();
  if (view.standing.role) out["role"] = domain::to_string(*view.standing.role);
  return out;
}

json to_value(const usecase::UpdateLog::ConversationSummary& summary) {
  json out{{"conversationKey", summary.key.value()},
           {"headSeq", summary.head},
           {"lastActivity", domain::to_rfc3339(summary.last_activity)},
           {"visibility", domain::to_string(summary.visibility)},
           {"member", summary.member}};
  if (summary.title) out["title"] = summary.title->value();
  return out;
}

Async<Result<json>> conversations(const UseCases& use_cases, const json& arguments, const Context& context) {
  const auto limit = limit_argument(arguments);
  if (!limit) co_return fail(limit.error());
  std::optional<usecase::UpdateLog::ConversationMark> behind;
  if (const auto before = text_argument(arguments, "before")) {
    behind = parse_conversation_mark(*before);
    if (!behind) {
      co_return fail(domain::validation_error("before-invalid", "before", "before must be the next of a page."));
    }
  }
  const auto found =
      co_await use_cases.list_conversations.execute(std::move(behind), *limit, context.caller, context.seen);
  if (!found) co_return fail(found.error());
  context.tell(found->position);
  json out{{"conversations", json::array()}};
  for (const auto& summary : found->conversations) out["conversations"].push_back(to_value(summary));
  if (found->next) out["next"] = adapters::to_text(*found->next);
  co_return out;
}

Async<Result<json>> conversation(const UseCases& use_cases, const json& arguments, const Context& context) {
  auto key = arguments.at("key").get<std::string>();
  const auto view = co_await use_cases.get_conversation.execute(std::move(key), context.caller);
  if (!view) co_return fail(view.error());
  context.tell(co_await tell_position(use_cases.read_position, context.seen));
  co_return to_value(*view);
}

Async<Result<json>> members(const UseCases& use_cases, const json& arguments, const Context& context) {
  const auto limit = limit_argument(arguments);
  if (!limit) co_return fail(limit.error());
  usecase::ListMembers::Input input{arguments.at("conversationKey").get<std::string>(), std::nullopt, *limit};
  if (auto after = text_argument(arguments, "after")) {
    auto user = domain::UserId::parse(std::move(*after));
    if (!user) co_return fail(user.error());
    input.after = std::move(*user);
  }
  const auto found = co_await use_cases.list_members.execute(std::move(input), context.caller);
  if (!found) co_return fail(found.error());
  context.tell(co_await tell_position(use_cases.read_position, context.seen));
  json out{{"members", json::array()}};
  for (const auto& member : found->members) out["members"].push_back(to_value(member));
  if (found->more && !found->members.empty()) out["next"] = found->members.back().user.value();
  co_return out;
}

std::string user_argument(const json& arguments, const Context& context) {
  return text_argument(arguments, "userId").value_or(context.caller.user.value());
}

Async<Result<json>> join(const UseCases& use_cases, const json& arguments, const Context& context) {
  usecase::JoinConversation::Input input{arguments.at("conversationKey").get<std::string>(),
                                         user_argument(arguments, context)};
  const auto joined = co_await use_cases.join_conversation.execute(std::move(input), context.caller);
  if (!joined) co_return fail(joined.error());
  context.tell(joined->position);
  json out = to_value(joined->member);
  out["conversationKey"] = arguments.at("conversationKey");
  out["seq"] = joined->member.seq;
  co_return out;
}

Async<Result<json>> leave(const UseCases& use_cases, const json& arguments, const Context& context) {
  usecase::LeaveConversation::Input input{arguments.at("conversationKey").get<std::string>(),
                                          user_argument(arguments, context)};
  const auto left = co_await use_cases.leave_conversation.execute(std::move(input), context.caller);
  if (!left) co_return fail(left.error());
  context.tell(left->position);
  co_return json(true);
}

}  // namespace

void add_conversation_resolvers(ResolverTable& table) {
  table.add_read("Query.conversations", conversations);
  table.add_read("Query.conversation", conversation);
  table.add_read("Query.members", members);
  table.add("Mutation.joinConversation", join);
  table.add("Mutation.leaveConversation", leave);
}

}  // namespace danwa::adapters::graphql
