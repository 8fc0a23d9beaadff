#include <utility>

#include "adapters/graphql/resolvers.hpp"
#include "adapters/rest/caller.hpp"
#include "adapters/updates/update_json.hpp"
#include "domain/comment/decisions.hpp"
#include "domain/core/uuid.hpp"

// The fields of comments, then those of conversations and members. They are the REST endpoints in another form: the
// same use cases, the same errors, JSON values instead of texts. A value that is missing may be left out, because the
// engine writes `null` for it.

namespace danwa::adapters::graphql {
namespace {

using domain::fail;
using domain::Result;
using nlohmann::json;
using usecase::Async;
using Range = usecase::CommentRepository::Range;
using Page = usecase::CommentRepository::Page;

json to_value(const domain::Comment& comment) {
  json out{{"id", comment.id.to_string()},
           {"content", comment.content.value()},
           {"authorId", comment.author.value()},
           {"conversationKey", comment.conversation.value()},
           {"seq", comment.seq},
           {"version", comment.version},
           {"createdAt", domain::to_rfc3339(comment.created_at)},
           {"updatedAt", domain::to_rfc3339(comment.updated_at)}};
  if (comment.client_ref) out["clientRef"] = *comment.client_ref;
  return out;
}

json to_value(const Page& page, const Range& range) {
  json comments = json::array();
  for (const auto& comment : page.comments) comments.push_back(to_value(comment));
  json out{{"comments", std::move(comments)}, {"headSeq", page.head}, {"epoch", page.epoch}};
  if (page.comments.empty()) return out;
  const bool forwards = range.after.has_value();
  const auto first = page.comments.front().seq;
  if (forwards ? first > 1 : page.more) out["prev"] = first;
  if (forwards ? page.more : range.before.has_value()) out["next"] = page.comments.back().seq;
  return out;
}

/// An id that cannot exist gets the same error as one that does not exist.
Result<domain::CommentId> id_argument(const json& arguments) {
  const auto uuid = domain::Uuid::parse(arguments.at("id").get<std::string>());
  if (!uuid) return fail(domain::comment_not_found());
  return domain::CommentId{*uuid};
}

Async<Result<json>> comments(const UseCases& use_cases, const json& arguments, const Context& context) {
  const auto limit = limit_argument(arguments);
  if (!limit) co_return fail(limit.error());
  const Range range{seq_argument(arguments, "after"), seq_argument(arguments, "before"), *limit};
  if (range.after && range.before) {
    co_return fail(domain::validation_error("range-ambiguous", "before", "Give after or before, not both."));
  }
  auto key = arguments.at("conversationKey").get<std::string>();
  const auto page = co_await use_cases.list_comments.execute(std::move(key), range, context.caller, context.seen);
  if (!page) co_return fail(page.error());
  context.tell(page->position);
  co_return to_value(*page, range);
}

Async<Result<json>> comment(const UseCases& use_cases, const json& arguments, const Context& context) {
  const auto id = id_argument(arguments);
  if (!id) co_return fail(id.error());
  const auto found = co_await use_cases.get_comment.execute(*id, context.caller);
  if (!found) co_return fail(found.error());
  context.tell(co_await attach_position(use_cases.read_position, context.seen));
  co_return to_value(*found);
}

Async<Result<json>> send_comment(const UseCases& use_cases, const json& arguments, const Context& context) {
  usecase::SendComment::Input input{
      {arguments.at("content").get<std::string>(), arguments.at("conversationKey").get<std::string>(),
       text_argument(arguments, "clientRef")},
      text_argument(arguments, "idempotencyKey")};
  const auto sent = co_await use_cases.send_comment.execute(std::move(input), context.caller);
  if (!sent) co_return fail(sent.error());
  context.tell(sent->position);
  co_return to_value(sent->comment);
}

Async<Result<json>> edit_comment(const UseCases& use_cases, const json& arguments, const Context& context) {
  const auto id = id_argument(arguments);
  if (!id) co_return fail(id.error());
  usecase::EditComment::Input input{*id, arguments.at("content").get<std::string>(), seq_argument(arguments, "version"),
                                    flag_argument(arguments, "redact")};
  const auto edited = co_await use_cases.edit_comment.execute(std::move(input), context.caller);
  if (!edited) co_return fail(edited.error());
  context.tell(edited->position);
  co_return to_value(edited->comment);
}

Async<Result<json>> remove_comment(const UseCases& use_cases, const json& arguments, const Context& context) {
  const auto id = id_argument(arguments);
  if (!id) co_return fail(id.error());
  usecase::RemoveComment::Input input{*id, seq_argument(arguments, "version")};
  const auto removed = co_await use_cases.remove_comment.execute(std::move(input), context.caller);
  if (!removed) co_return fail(removed.error());
  context.tell(removed->position);
  co_return json(true);
}

// The fields of conversations: their list, settings and members.

json to_value(const domain::Member& member) {
  return {{"userId", member.user.value()},
          {"role", domain::to_string(member.role)},
          {"joinedAt", domain::to_rfc3339(member.joined_at)}};
}

json to_value(const usecase::ConversationRepository::AccessContext& view) {
  json out{{"conversationKey", view.conversation.key.value()},
           {"visibility", domain::to_string(view.conversation.visibility)},
           {"headSeq", view.head}};
  if (view.conversation.title) out["title"] = view.conversation.title->value();
  if (view.membership.role) out["role"] = domain::to_string(*view.membership.role);
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
  const auto found = co_await use_cases.list_conversations.execute(behind, *limit, context.caller, context.seen);
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
  context.tell(co_await attach_position(use_cases.read_position, context.seen));
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
  context.tell(co_await attach_position(use_cases.read_position, context.seen));
  json out{{"members", json::array()}};
  for (const auto& member : found->members) out["members"].push_back(to_value(member));
  if (found->more && !found->members.empty()) out["next"] = found->members.back().user.value();
  co_return out;
}

usecase::MembershipInput membership_argument(const json& arguments, const Context& context) {
  return {arguments.at("conversationKey").get<std::string>(),
          text_argument(arguments, "userId").value_or(context.caller.user.value())};
}

Async<Result<json>> join(const UseCases& use_cases, const json& arguments, const Context& context) {
  auto input = membership_argument(arguments, context);
  const auto joined = co_await use_cases.join_conversation.execute(std::move(input), context.caller);
  if (!joined) co_return fail(joined.error());
  context.tell(joined->position);
  json out = to_value(joined->member);
  out["conversationKey"] = arguments.at("conversationKey");
  out["seq"] = joined->member.seq;
  co_return out;
}

Async<Result<json>> leave(const UseCases& use_cases, const json& arguments, const Context& context) {
  auto input = membership_argument(arguments, context);
  const auto left = co_await use_cases.leave_conversation.execute(std::move(input), context.caller);
  if (!left) co_return fail(left.error());
  context.tell(left->position);
  co_return json(true);
}

}  // namespace

std::vector<FieldResolver> conversation_resolvers() {
  return {{"Query.comments", comments, true},         {"Query.comment", comment, true},
          {"Mutation.sendComment", send_comment},     {"Mutation.editComment", edit_comment},
          {"Mutation.removeComment", remove_comment}, {"Query.conversations", conversations, true},
          {"Query.conversation", conversation, true}, {"Query.members", members, true},
          {"Mutation.joinConversation", join},        {"Mutation.leaveConversation", leave}};
}

}  // namespace danwa::adapters::graphql
