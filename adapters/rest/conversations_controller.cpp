#include "adapters/protocol/json/json_reader.hpp"
#include "adapters/protocol/json/json_writer.hpp"
#include "adapters/rest/answers.hpp"
#include "adapters/rest/caller.hpp"
#include "adapters/rest/controllers.hpp"
#include "adapters/rest/query.hpp"
#include "adapters/rest/resource_json.hpp"
#include "domain/core/text.hpp"

namespace danwa::adapters {

// The endpoints of conversations in three parts: the list and the history, then one conversation with its members, then
// its presence. A page of the history has links to its neighbours, in the body and as a `Link` header. A link exists
// only if there may be comments in its direction, so a client reads until the link is missing and needs no empty last
// page.

namespace {

using http::Reply;
using http::Request;
using http::Response;
using usecase::Async;
using Range = usecase::CommentRepository::Range;
using Page = usecase::CommentRepository::Page;

constexpr std::size_t kDefaultLimit = 50;

/// Links to the neighbouring pages: backwards from the first comment of the page, forwards from its last.
HistoryLinks links_of(const Page& page, const Range& range) {
  HistoryLinks links;
  if (page.comments.empty()) return links;
  const bool forwards = range.after.has_value();
  const bool older = forwards ? page.comments.front().seq > 1 : page.more;
  const bool newer = forwards ? page.more || range.before.has_value() : range.before.has_value();
  if (older) links.prev = page.comments.front().seq;
  if (newer) links.next = page.comments.back().seq;
  return links;
}

std::string link(const std::string& key, std::string_view parameter, domain::Seq seq, std::size_t limit,
                 std::string_view relation) {
  std::string out = "</v1/conversations/" + domain::percent_encode(key) + "/comments?";
  out.append(parameter).append("=").append(std::to_string(seq));
  out.append("&limit=").append(std::to_string(limit));
  out.append(">; rel=\"").append(relation).append("\"");
  return out;
}

void add_links(Response& answer, const std::string& key, const HistoryLinks& links, std::size_t limit) {
  std::string value;
  if (links.prev) value = link(key, "before", *links.prev, limit, "prev");
  if (links.next) {
    if (!value.empty()) value += ", ";
    value += link(key, "after", *links.next, limit, "next");
  }
  if (!value.empty()) answer.headers.emplace_back("Link", std::move(value));
}

}  // namespace

Async<Reply> ConversationsController::list(Request request) const {
  const auto& who = caller_of(request);
  Query query{request};
  auto behind = query.conversation_mark("before");
  const auto limit = query.limit(100, usecase::ListConversations::kMaxLimit);
  auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.use.list_conversations.execute(behind, limit, who, std::move(seen));
  const auto found = co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(read));
  if (!found) co_return failure(found.error());
  co_return json_answer(200, to_json(*found), found->position);
}

Async<Reply> ConversationsController::history(Request request, std::string key) const {
  const auto& who = caller_of(request);
  Query query{request};
  const Range range{query.seq("after"), query.seq("before"),
                    query.limit(kDefaultLimit, usecase::ListComments::kMaxLimit)};
  auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.use.list_comments.execute(key, range, who, std::move(seen));
  const auto page = co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(read));
  if (!page) co_return failure(page.error());
  const HistoryLinks links = links_of(*page, range);
  Response answer = json_answer(200, to_json(*page, links), page->position);
  add_links(answer, key, links, range.limit);
  co_return answer;
}

// Endpoints of a conversation, its settings and its members. Each function parses the input, calls one use case, and
// translates the result. A PUT answers 201 if it has created or added something, and 200 if it was so before. A DELETE
// answers 204 in both cases.

namespace {

using domain::fail;
using domain::Result;
using usecase::ConfigureConversation;

Result<ConfigureConversation::Input> read_settings(const Request& request, std::string key) {
  auto precondition = read_precondition(request);
  if (!precondition) return fail(std::move(precondition).error());
  const auto body = read_json_object(request.body);
  if (!body) return fail(body.error());
  JsonFields fields{*body};
  auto title = fields.nullable_text("title");
  auto visibility = fields.optional_text("visibility");
  ConfigureConversation::Input input{std::move(key), std::move(title), std::move(visibility), std::move(*precondition)};
  if (!fields.errors()) return input;
  domain::Errors errors = *fields.errors();
  if (auto values = ConfigureConversation::parse(std::move(input)); !values) errors.add(std::move(values).error());
  return fail(std::move(errors));
}

}  // namespace

Async<Reply> MembershipController::show(Request request, std::string key) const {
  const auto& who = caller_of(request);
  Query query{request};
  const auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.use.get_conversation.execute(std::move(key), who);
  const auto view = co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(read));
  if (!view) co_return failure(view.error());
  co_return json_answer(200, to_json(*view), co_await attach_position(needs_.use.read_position, seen));
}

Async<Reply> MembershipController::configure(Request request, std::string key) const {
  const auto& who = caller_of(request);
  auto input = read_settings(request, std::move(key));
  if (!input) co_return failure(input.error());
  const auto done = co_await needs_.use.configure_conversation.execute(std::move(*input), who);
  if (!done) co_return failure(done.error());
  co_return json_answer(done->created ? 201 : 200, to_json(done->view), done->position);
}

Async<Reply> MembershipController::members(Request request, std::string key) const {
  const auto& who = caller_of(request);
  Query query{request};
  usecase::ListMembers::Input input{std::move(key), query.user("after"),
                                    query.limit(100, usecase::ListMembers::kMaxLimit)};
  const auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.use.list_members.execute(std::move(input), who);
  const auto found = co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(read));
  if (!found) co_return failure(found.error());
  co_return json_answer(200, to_json(*found), co_await attach_position(needs_.use.read_position, seen));
}

Async<Reply> MembershipController::join(Request request, std::string key, std::string user) const {
  const auto& who = caller_of(request);
  auto precondition = read_precondition(request);
  if (!precondition) co_return failure(precondition.error());
  usecase::JoinConversation::Input input{key, std::move(user), std::move(*precondition)};
  const auto done = co_await needs_.use.join_conversation.execute(std::move(input), who);
  if (!done) co_return failure(done.error());
  co_return json_answer(done->joined ? 201 : 200, to_json(done->member, key), done->position);
}

Async<Reply> MembershipController::leave(Request request, std::string key, std::string user) const {
  const auto& who = caller_of(request);
  auto precondition = read_precondition(request);
  if (!precondition) co_return failure(precondition.error());
  usecase::LeaveConversation::Input input{std::move(key), std::move(user), std::move(*precondition)};
  const auto left = co_await needs_.use.leave_conversation.execute(std::move(input), who);
  if (!left) co_return failure(left.error());
  co_return no_content(left->position);
}

namespace {

/// `{conversationKey, count, users}`, and `next` (for `after=`) if there are more.
std::string to_json(const usecase::GetPresence::Output& output) {
  std::string out = R"({"conversationKey":)";
  append_json_string(out, output.conversation.value());
  out += R"(,"count":)" + std::to_string(output.page.count) + R"(,"users":[)";
  bool first = true;
  for (const auto& user : output.page.users) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, user.value());
  }
  out += ']';
  if (output.page.more) {
    out += R"(,"next":)";
    append_json_string(out, output.page.users.back().value());
  }
  return out + '}';
}

}  // namespace

usecase::Async<http::Reply> PresenceController::show(http::Request request, std::string key) const {
  const auto& who = caller_of(request);
  Query query{request};
  usecase::GetPresence::Input input{std::move(key), query.user("after"),
                                    query.limit(100, usecase::GetPresence::kMaxLimit)};
  static_cast<void>(query.position());  // presence is not part of the log, but a wrong value is still an error
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.use.get_presence.execute(std::move(input), who);
  const auto found = co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(read));
  if (!found) co_return failure(found.error());
  co_return json_answer(200, to_json(*found));
}

}  // namespace danwa::adapters
