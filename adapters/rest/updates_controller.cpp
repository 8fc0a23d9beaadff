#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <mutex>
#include <utility>

#include "adapters/http/bearer.hpp"
#include "adapters/http/handshake.hpp"
#include "adapters/http/negotiation.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/rest/answers.hpp"
#include "adapters/rest/caller.hpp"
#include "adapters/rest/controllers.hpp"
#include "adapters/rest/query.hpp"
#include "adapters/rest/resource_json.hpp"

namespace danwa::adapters {

// One address, three forms of updates. A live form is handed to the transport with its watch. A page is answered at
// once if it is not empty. An empty one becomes a long poll: a watch that waits for the first update, and then a second
// read. The watch starts where the empty page ended, so an update that comes between page and watch ends the wait at
// once and is not missed. The watcher drops the frames, because the page is read from the log again.
//
// Five things can end a wait: an update, the time, the client or the drain, the feed, the lease. The first one resumes
// the coroutine (LongPollWatcher::finish). The others come too late and change nothing.

namespace {

bool is_update(const delivery::FramePtr& frame) {
  return frame->kind() != delivery::FrameKind::watching && frame->kind() != delivery::FrameKind::ephemeral;
}

/// A watcher that only notices that an update arrived, and drops its content.
class LongPollWatcher final : public delivery::Watcher, public usecase::LeaseOwner {
 public:
  using Resume = std::function<void(LongPollResult)>;

  void hold(std::unique_ptr<delivery::Subscription> subscription) {
    const std::lock_guard lock{mutex_};
    subscription_ = std::move(subscription);
  }

  /// Calls `resume` with the first end, once; at once if it has ended already.
  void begin(Resume resume) {
    std::unique_lock lock{mutex_};
    if (end_) {
      const LongPollResult end = *end_;
      lock.unlock();
      return resume(end);
    }
    resume_ = std::move(resume);
    subscription_->ready();
  }

  void finish(LongPollResult end) {
    std::unique_lock lock{mutex_};
    if (end_) return;
    end_ = end;
    const auto resume = std::exchange(resume_, nullptr);
    lock.unlock();
    if (resume) resume(end);
  }

  void close() {
    std::unique_lock lock{mutex_};
    const auto subscription = std::move(subscription_);
    lock.unlock();
  }

  void deliver(delivery::FrameBatch frames) override {
    if (std::any_of(frames.begin(), frames.end(), is_update)) return finish(LongPollResult::updates);
    const std::lock_guard lock{mutex_};
    if (subscription_ && !end_) subscription_->ready();
  }

  void end(delivery::WatchCloseReason reason) override {
    finish(reason == delivery::WatchCloseReason::forbidden ? LongPollResult::forbidden : LongPollResult::feed_ended);
  }

  void on_lease_ending() override {}
  void on_lease_end(usecase::LeaseEnd) override { finish(LongPollResult::credential_ended); }

 private:
  std::mutex mutex_;  // used by the feed's threads and the connection's; held only for calls that enqueue
  std::unique_ptr<delivery::Subscription> subscription_;
  std::optional<LongPollResult> end_;
  Resume resume_;
};

}  // namespace

usecase::Async<LongPollResult> long_poll(delivery::UpdateFeed& feed, usecase::Watch watch,
                                         std::chrono::milliseconds time, usecase::LeasePtr lease,
                                         std::shared_ptr<http::CancellationToken> cancellation) {
  const auto watcher = std::make_shared<LongPollWatcher>();
  watcher->hold(feed.watch(std::move(watch), watcher));
  std::function<void()> on_expiry = [watcher] { watcher->finish(LongPollResult::time_over); };
  auto deadline = co_await usecase::start_deadline(time, std::move(on_expiry));
  if (lease) lease->hold(watcher, std::chrono::milliseconds{0});
  if (cancellation) cancellation->on_cancel([watcher] { watcher->finish(LongPollResult::cancelled); });
  auto start = [watcher](auto resume) {
    watcher->begin([resume = std::move(resume)](LongPollResult end) mutable { resume(end); });
  };
  const LongPollResult end = co_await usecase::suspend_until<LongPollResult>(std::move(start));
  if (cancellation) cancellation->on_cancel(nullptr);
  if (lease) lease->release();
  watcher->close();
  co_return end;
}

using domain::fail;
using domain::Result;
using usecase::Async;

void ConversationUpdates::read_place(Query& query) {
  after_ = query.resume_mark();
  seen_ = query.position();
}

Async<Result<usecase::Watch>> ConversationUpdates::watch(domain::Credential who, usecase::Delivery delivery) {
  usecase::WatchConversation::Input input{key_, after_, delivery, seen_};
  co_return co_await watch_.execute(std::move(input), std::move(who));
}

Async<Result<UpdateSource::Page>> ConversationUpdates::page(domain::Credential who, std::size_t limit,
                                                            usecase::ReadFrom from) {
  const domain::Cursor after = after_.value_or(domain::Cursor{});
  usecase::ReadUpdates::Input input{key_, after, limit, seen_, from};
  const auto read = co_await read_.execute(std::move(input), std::move(who));
  if (!read) co_return fail(read.error());
  epoch_ = read->page.epoch;
  co_return Page{to_json(*read, after.seq), read->page.updates.empty() && !read->reset, read->page.position};
}

Async<Result<usecase::Watch>> ConversationUpdates::watch_for_updates(domain::Credential who) {
  const domain::Cursor position{epoch_, after_.value_or(domain::Cursor{}).seq};
  usecase::WatchConversation::Input input{key_, position, usecase::Delivery::complete};
  auto watch = co_await watch_.execute(std::move(input), std::move(who));
  if (watch) watch->presence.reset();
  co_return std::move(watch);
}

void NotificationUpdates::read_place(Query& query) {
  after_ = query.merged_resume_mark();
  seen_ = query.position();
}

Async<Result<usecase::Watch>> NotificationUpdates::watch(domain::Credential who, usecase::Delivery delivery) {
  co_return watch_.execute({after_, delivery, seen_}, who);
}

Async<Result<UpdateSource::Page>> NotificationUpdates::page(domain::Credential who, std::size_t limit,
                                                            usecase::ReadFrom from) {
  usecase::ReadNotifications::Input input{after_, limit, seen_, from};
  auto read = co_await read_.execute(std::move(input), std::move(who));
  if (!read) co_return fail(std::move(read).error());
  next_ = read->next;
  co_return Page{to_json(*read), read->updates.empty() && !read->reset, read->position};
}

Async<Result<usecase::Watch>> NotificationUpdates::watch_for_updates(domain::Credential who) {
  co_return watch_.execute({next_, usecase::Delivery::complete, std::nullopt}, who);
}

namespace {

using http::Reply;
using http::Request;
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
  return updates(std::move(request), std::make_unique<ConversationUpdates>(
                                         needs_.use.read_updates, needs_.use.watch_conversation, std::move(key)));
}

Async<Reply> UpdatesController::notifications(Request request) const {
  return updates(std::move(request),
                 std::make_unique<NotificationUpdates>(needs_.use.read_notifications, needs_.use.watch_notifications));
}

Async<Reply> UpdatesController::updates(Request request, Source source) const {
  auto lease = request.lease;
  switch (choose_form(request)) {
    case Form::websocket:
      co_return co_await open(std::move(request), std::move(source), std::move(lease), http::StreamKind::websocket);
    case Form::events:
      co_return co_await open(std::move(request), std::move(source), std::move(lease), http::StreamKind::sse);
    case Form::page:
      co_return co_await page(std::move(request), std::move(source), std::move(lease));
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
  static_cast<void>(query.delivery());  // has no effect on a page, but a wrong value is still an error
  if (query.errors()) co_return failure(*query.errors());
  const auto& who = lease->who();
  auto first = source->page(who, limit, usecase::ReadFrom::replica);
  auto page = co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(first));
  while (page && page->empty && Clock::now() < end) {
    auto watch = co_await source->watch_for_updates(who);
    if (!watch) co_return failure(watch.error());
    const auto woken = co_await long_poll(needs_.feed, std::move(*watch), until(end), lease, request.cancellation);
    if (const auto why = lease->ended()) co_return failure(usecase::credential_ended(*why));
    const bool updates = woken == LongPollResult::updates;
    auto next = source->page(who, limit, updates ? usecase::ReadFrom::master : usecase::ReadFrom::replica);
    page =
        co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(next), usecase::ReadTurns::Claim::owed);
    if (!updates) break;
  }
  if (!page) co_return failure(page.error());
  co_return json_answer(200, std::move(page->json), page->position);
}

}  // namespace danwa::adapters
