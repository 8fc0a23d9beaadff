#include "adapters/controllers/conversations_controller.hpp"

#include "adapters/controllers/answers.hpp"
#include "adapters/controllers/caller.hpp"
#include "adapters/controllers/query.hpp"
#include "adapters/json/comment_json.hpp"
#include "domain/core/percent.hpp"

namespace danwa::adapters {
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
  auto who = identify(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  Query query{request};
  auto behind = query.conversation_mark("before");
  const auto limit = query.limit(100, usecase::ListConversations::kMaxLimit);
  auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.list_conversations.execute(std::move(behind), limit, *who, std::move(seen));
  const auto found = co_await needs_.turns.in_turn(*who, request.hurry, std::move(read));
  if (!found) co_return failure(found.error());
  Response answer = json_answer(200, to_json(*found));
  add_position(answer, found->position);
  co_return answer;
}

Async<Reply> ConversationsController::history(Request request, std::string key) const {
  auto who = identify(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  Query query{request};
  const Range range{query.seq("after"), query.seq("before"),
                    query.limit(kDefaultLimit, usecase::ListComments::kMaxLimit)};
  auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.list_comments.execute(key, range, *who, std::move(seen));
  const auto page = co_await needs_.turns.in_turn(*who, request.hurry, std::move(read));
  if (!page) co_return failure(page.error());
  const HistoryLinks links = links_of(*page, range);
  Response answer = json_answer(200, to_json(*page, links));
  add_links(answer, key, links, range.limit);
  add_position(answer, page->position);
  co_return answer;
}

}  // namespace danwa::adapters
