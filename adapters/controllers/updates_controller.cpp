#include "adapters/controllers/updates_controller.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "adapters/controllers/answers.hpp"
#include "adapters/controllers/caller.hpp"
#include "adapters/controllers/conversation_updates.hpp"
#include "adapters/controllers/news_wait.hpp"
#include "adapters/controllers/notification_updates.hpp"
#include "adapters/controllers/query.hpp"
#include "adapters/http/accept.hpp"
#include "adapters/http/bearer.hpp"
#include "adapters/http/handshake.hpp"
#include "adapters/http/problem.hpp"

namespace danwa::adapters {
namespace {

using http::Reply;
using http::Request;
using usecase::Async;
using Clock = std::chrono::steady_clock;

enum class Form { websocket, events, page, none };

/// Decides the form of the answer. A HEAD gets the form of the GET, but only a GET can upgrade.
Form choose_form(const Request& request) {
  constexpr std::array<std::string_view, 2> kOffered{"application/json", "text/event-stream"};
  if (request.method == "GET" && http::asks_for_websocket(request)) return Form::websocket;
  const auto type = http::choose_media_type(request, kOffered);
  if (type.empty()) return Form::none;
  return type == kOffered[0] ? Form::page : Form::events;
}

std::chrono::milliseconds until(Clock::time_point end) {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()), std::chrono::milliseconds{0});
}

}  // namespace

Async<Reply> UpdatesController::conversation(Request request, std::string key) const {
  return updates(std::move(request),
                 std::make_unique<ConversationUpdates>(needs_.read_updates, needs_.watch_conversation, std::move(key)));
}

Async<Reply> UpdatesController::notifications(Request request) const {
  const auto& use = needs_.notifications;
  return updates(std::move(request), std::make_unique<NotificationUpdates>(use.read, use.watch));
}

Async<Reply> UpdatesController::updates(Request request, Source source) const {
  auto lease = lease_of(request, needs_.tokens);
  if (!lease) co_return failure(lease.error());
  switch (choose_form(request)) {
    case Form::websocket:
      co_return co_await open(std::move(request), std::move(source), std::move(*lease), http::StreamKind::websocket);
    case Form::events:
      co_return co_await open(std::move(request), std::move(source), std::move(*lease), http::StreamKind::sse);
    case Form::page:
      co_return co_await page(std::move(request), std::move(source), std::move(*lease));
    case Form::none:
      break;
  }
  co_return http::problem(406, "not-acceptable", "This resource is application/json or text/event-stream.");
}

Async<Reply> UpdatesController::open(Request request, Source source, usecase::LeasePtr lease,
                                     http::StreamKind kind) const {
  Query query{request};
  source->read_place(query);
  const auto delivery = query.delivery();
  if (query.errors()) co_return failure(*query.errors());
  auto watch = co_await source->watch(lease->who(), delivery);
  if (!watch) co_return failure(watch.error());
  http::OpenStream stream{kind, std::move(*watch), std::nullopt, std::move(lease)};
  if (http::offers_subprotocol(request)) stream.subprotocol = std::string{http::kSubprotocol};
  co_return stream;
}

Async<Reply> UpdatesController::page(Request request, Source source, usecase::LeasePtr lease) const {
  Query query{request};
  source->read_place(query);
  const auto limit = query.limit(100, usecase::ReadUpdates::kMaxLimit);
  const auto end = Clock::now() + std::min(query.wait(kMaxWait), needs_.longest_poll);
  static_cast<void>(query.delivery());  // has no effect on a page, and is checked all the same
  if (query.errors()) co_return failure(*query.errors());
  const auto& who = lease->who();
  auto first = source->page(who, limit, usecase::ReadFrom::replica);
  auto page = co_await needs_.turns.in_turn(who, request.hurry, std::move(first));
  while (page && page->empty && Clock::now() < end) {
    auto watch = co_await source->watch_for_news(who);
    if (!watch) co_return failure(watch.error());
    const auto woken = co_await wait_for_news(needs_.feed, std::move(*watch), until(end), lease, request.hurry);
    if (const auto why = lease->ended()) co_return failure(usecase::credential_ended(*why));
    const bool news = woken == WaitEnd::news;
    auto next = source->page(who, limit, news ? usecase::ReadFrom::master : usecase::ReadFrom::replica);
    page = co_await needs_.turns.in_turn(who, request.hurry, std::move(next), usecase::ReadTurns::Claim::owed);
    if (!news) break;
  }
  if (!page) co_return failure(page.error());
  http::Response answer = json_answer(200, std::move(page->json));
  add_position(answer, page->position);
  co_return answer;
}

}  // namespace danwa::adapters
