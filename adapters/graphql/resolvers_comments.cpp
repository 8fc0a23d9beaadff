#include <utility>

#include "adapters/controllers/told_position.hpp"
#include "adapters/graphql/resolvers_table.hpp"
#include "domain/comment/decisions.hpp"
#include "domain/core/uuid.hpp"

// The fields that read and write comments.

namespace danwa::adapters::graphql {
namespace {

using domain::fail;
using domain::Result;
using nlohmann::json;
using usecase::Async;
using Range = usecase::CommentRepository::Range;
using Page = usecase::CommentRepository::Page;

json to_value(const domain::Comment& comment) {
  return {{"id", comment.id.to_string()},
          {"content", comment.content.value()},
          {"authorId", comment.author.value()},
          {"conversationKey", comment.conversation.value()},
          {"seq", comment.seq},
          {"version", comment.version},
          {"createdAt", domain::to_rfc3339(comment.created_at)},
          {"updatedAt", domain::to_rfc3339(comment.updated_at)},
          {"clientRef", optional_json(comment.client_ref)}};
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

/// An id that cannot exist is answered like one that does not.
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
  context.tell(co_await tell_position(use_cases.read_position, context.seen));
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

}  // namespace

void add_comment_resolvers(ResolverTable& table) {
  table.add_read("Query.comments", comments);
  table.add_read("Query.comment", comment);
  table.add("Mutation.sendComment", send_comment);
  table.add("Mutation.editComment", edit_comment);
  table.add("Mutation.removeComment", remove_comment);
}

}  // namespace danwa::adapters::graphql
