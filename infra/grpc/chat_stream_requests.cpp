#include "infra/grpc/chat_stream.hpp"

// Boost 1.74 needs <utility> before its coroutine headers.
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>

#include "adapters/log/failure_reason.hpp"

// The requesting half of a stream: the client's requests, its token, and heartbeats. Requests are handled one after
// another: the next one is read only after this one is answered and its refusal, if any, is written. So a client that
// sends without reading is held back by HTTP/2's flow control and costs one request of memory.

namespace danwa::infra {

namespace rpc = adapters::rpc;
using usecase::Async;

void ChatStream::spawn(Async<void> task) {
  ++context_.running;
  auto on_end = [self = shared_from_this()](const std::exception_ptr& failure) {
    --self->context_.running;
    if (!failure) return;
    self->context_.log.error("grpc.task_failed", {{"err", adapters::failure_reason(failure)}});
    const std::lock_guard lock{self->mutex_};
    self->end(rpc::defect());
  };
  boost::asio::co_spawn(lane_, std::move(task), std::move(on_end));
}

Async<void> ChatStream::open(std::shared_ptr<ChatStream> self) {
  auto watch = co_await self->context_.door.watch(self->place_, self->lease_->who());
  const std::lock_guard lock{self->mutex_};
  if (!watch) co_return self->end(rpc::to_end(std::move(watch).error()));
  self->heartbeat_ = rpc::ChatDoor::heartbeat(self->place_).value_or(std::nullopt);
  self->last_write_ = Clock::now();
  self->begin(std::move(*watch), self->place_);
  self->read_next();
  self->beat();
}

void ChatStream::on_request(std::optional<rpc::ChatWish> wish) {
  context_.door.figures().messages_in.add();
  boost::asio::post(lane_, [self = shared_from_this(), wish = std::move(wish)]() mutable {
    if (wish) return self->spawn(answer(self, std::move(*wish)));
    self->refuse(rpc::request_unreadable(), "");
    self->read_next();
  });
}

Async<void> ChatStream::answer(std::shared_ptr<ChatStream> self, rpc::ChatWish wish) {
  if (self->lease_->ended()) co_return;  // `on_lease_end` ends the stream
  const bool elsewhere = !wish.conversation_key.empty() && wish.conversation_key != self->place_.conversation_key;
  const bool moves = elsewhere || !wish.after.empty();
  bool stands = true;
  if (moves) stands = co_await self->move(wish);
  if (stands && !(moves && wish.message.empty())) {
    rpc::CommentWish comment{std::move(wish.message), self->place_.conversation_key, wish.client_ref,
                             std::move(wish.idempotency_key)};
    const auto sent = co_await self->context_.door.send(std::move(comment), self->lease_->who());
    if (!sent) self->refuse(sent.error(), wish.client_ref);
  }
  self->read_next();
}

/// Moves the stream to another conversation or cursor. False: refused, and the stream keeps its watch.
Async<bool> ChatStream::move(rpc::ChatWish wish) {
  rpc::WatchWish place{place_.conversation_key, wish.after, place_.delivery};
  if (!wish.conversation_key.empty()) place.conversation_key = wish.conversation_key;
  auto watch = co_await context_.door.watch(place, lease_->who());
  if (!watch) {
    refuse(watch.error(), wish.client_ref);
    co_return false;
  }
  begin(std::move(*watch), std::move(place));
  co_return true;
}

void ChatStream::refuse(const domain::Errors& errors, const std::string& client_ref) {
  const std::lock_guard lock{mutex_};
  if (end_) return;
  refused_ = true;
  queue_.emplace_back(ChatCodec::encode_refusal(errors, client_ref));
  pump();
}

/// Reads the client's next request, now or after the refusal of this one is written.
void ChatStream::read_next() {
  const std::lock_guard lock{mutex_};
  if (end_ || !reads_) return;
  wants_read_ = refused_;
  if (!wants_read_) wire_->read();
}

/// Sends a heartbeat if the stream was silent for too long, and plans the next check. While a write is in flight no
/// heartbeat is queued: the client does not take the bytes that are on their way.
void ChatStream::beat() {
  const std::lock_guard lock{mutex_};
  if (end_ || !heartbeat_) return;
  auto next = last_write_ + *heartbeat_;
  if (const auto now = Clock::now(); writing_ || next <= now) {
    next = now + *heartbeat_;
    if (!writing_ && accepted_) {
      queue_.emplace_back(ChatCodec::encode_heartbeat());
      pump();
    }
  }
  beat_.expires_at(next);
  beat_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->beat();
  });
}

void ChatStream::on_lease_ending() {
  boost::asio::post(lane_, [self = shared_from_this()] {
    const std::lock_guard lock{self->mutex_};
    self->ends_soon_ = true;
    if (self->begun_) self->announce_end();
  });
}

void ChatStream::on_lease_end(usecase::LeaseEnd why) {
  boost::asio::post(lane_, [self = shared_from_this(), why] {
    const std::lock_guard lock{self->mutex_};
    self->end(rpc::to_end(why));
  });
}

void ChatStream::announce_end() {
  if (end_) return;
  queue_.emplace_back(ChatCodec::encode_expiry(*lease_->who().expires_at));
  pump();
}

}  // namespace danwa::infra
