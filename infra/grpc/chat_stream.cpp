#include "infra/grpc/chat_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

// Live streams of the gRPC endpoint. StreamRegistry counts and drains them, and a ChatStream serves one client: its
// sending half comes first, then its requesting half. It runs on one io thread of the node, and gRPC calls back on its
// own threads, so `mutex_` guards the state that both sides use. Everything that waits is bounded, and HTTP/2's flow
// control passes the slowness of a client back to its own stream alone.
//
// A batch crosses no thread until gRPC takes its first write: the watch is started on the stream's io thread, and so
// its subscriber actor runs there. `deliver` posts all the same, because a write may call back into the subscription.
//
// The handlers hold the stream, and the stream holds the context. So the io threads may run them after the server is
// gone.

namespace danwa::grpc {

namespace rpc = adapters::rpc;

tl::expected<StreamRegistry::Place, rpc::CallCloseReason> StreamRegistry::enter(std::weak_ptr<ChatStream> stream) {
  const std::lock_guard lock{mutex_};
  if (draining_) return tl::unexpected{rpc::draining()};
  if (streams_.size() >= most_) return tl::unexpected{rpc::too_many_streams()};
  streams_.push_back(std::move(stream));
  return std::prev(streams_.end());
}

void StreamRegistry::leave(Place place) {
  const std::lock_guard lock{mutex_};
  streams_.erase(place);
  if (streams_.empty()) emptied_.notify_all();
}

void StreamRegistry::drain(std::chrono::milliseconds window) {
  std::list<std::weak_ptr<ChatStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    draining_ = true;
    streams = streams_;
  }
  // Spread over the window, so that the clients do not reconnect to the other nodes all at once.
  const auto count = static_cast<std::chrono::milliseconds::rep>(streams.size());
  std::chrono::milliseconds::rep turn = 0;
  for (const auto& stream : streams) {
    const auto delay = window * turn++ / count;
    if (const auto alive = stream.lock()) alive->drain(delay);
  }
}

bool StreamRegistry::wait_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  return emptied_.wait_until(lock, deadline, [this] { return streams_.empty(); });
}

// The sending half of a stream. Its life: `start` registers it and checks the token; `open` starts the watch; then
// batches come in through `on_batch` and leave through `pump`.
//
// `pump` is the only place that writes. It runs whenever something may have become possible: a batch came, a write
// ended, a refusal or a heartbeat was queued, the stream ends. At most one message is in gRPC's hands (`writing_`).
// When the queue is empty it reads the next request and asks the subscriber for the next batch, in this order of need.
//
// A stream may move to another conversation. `begin` then replaces `watch_` and drops the queued frames of the old one.
// Batches of the old watch may still be on their way; they are recognised by the identity of their ChatWatch.
//
// The end: `end` keeps the first reason, drops the queue and the watch, and finishes as soon as no write is in flight.
// A client that takes nothing would keep that write for ever, so a timer cancels the call after `close_timeout`.

ChatStream::ChatStream(std::shared_ptr<StreamContext> context, net::IoThread& io_thread, bool spoken_only)
    : context_{std::move(context)},
      io_thread_{io_thread},
      spoken_only_{spoken_only},
      beat_{io_thread.context()},
      ending_{io_thread.context()} {
  context_->endpoint.figures().streams.add();
}

ChatStream::~ChatStream() { context_->endpoint.figures().streams.sub(); }

void ChatStream::start(StreamWire& wire, const rpc::CallMetadata& metadata, std::optional<rpc::WatchRequest> wanted,
                       bool reads_requests) {
  const std::lock_guard lock{mutex_};
  wire_ = &wire;
  reads_ = reads_requests;
  auto place = context_->streams.enter(weak_from_this());
  if (!place) return end(std::move(place).error());
  registered_ = *place;
  if (!wanted) return end(rpc::to_end(rpc::request_unreadable()));
  auto lease = context_->endpoint.lease(metadata);
  if (!lease) return end(rpc::to_end(std::move(lease).error()));
  lease_ = std::move(*lease);
  lease_->hold(weak_from_this(), context_->limits.expiry_warning);
  place_ = metadata.complete(std::move(*wanted));
  spawn(open(shared_from_this()));
}

void ChatStream::begin(usecase::Watch watch, rpc::WatchRequest place) {
  place_ = std::move(place);
  auto endpoint = std::make_shared<ChatWatch>(weak_from_this());
  auto subscription = context_->endpoint.start(std::move(watch), endpoint);
  {
    const std::lock_guard lock{mutex_};
    if (end_) return;
    watch_ = std::move(endpoint);
    std::swap(subscription_, subscription);
    std::erase_if(queue_, [](const Item& item) { return std::holds_alternative<delivery::FramePtr>(item); });
    batch_open_ = false;
    subscription_->ready();
  }
}

void ChatStream::on_batch(const ChatWatch& watch, delivery::FrameBatch frames) {
  const std::lock_guard lock{mutex_};
  if (end_ || watch_.get() != &watch) return;
  for (auto& frame : frames) queue_.emplace_back(std::move(frame));
  batch_open_ = true;
  pump();
  if (end_) return;
  if (!std::exchange(accepted_, true)) wire_->accept();
  if (!std::exchange(begun_, true) && ends_soon_) announce_end();
}

void ChatStream::on_watch_end(const ChatWatch& watch, delivery::WatchCloseReason reason) {
  const std::lock_guard lock{mutex_};
  if (watch_.get() == &watch) end(rpc::to_end(reason));
}

/// Writes the next message of the queue. With an empty queue: finishes the call if the stream has ended, else reads the
/// next request and calls `ready`.
void ChatStream::pump() {
  if (writing_ || finished_) return;
  while (!end_ && !queue_.empty()) {
    auto message = take_next();
    if (!message) continue;
    const bool more = accepted_ && !spoken_only_ && !queue_.empty();
    writing_ = accepted_ = true;
    if (heartbeat_) last_write_ = Clock::now();
    context_->endpoint.figures().messages_out.add();
    return wire_->write(std::move(message), more);
  }
  if (end_) {
    finished_ = true;
    return wire_->finish(*end_);
  }
  refused_ = false;
  if (wants_read_) read_next();
  if (std::exchange(batch_open_, false)) subscription_->ready();
}

/// Takes the next item off the queue. Null: this client does not get messages of its kind.
WireMessagePtr ChatStream::take_next() {
  Item item = std::move(queue_.front());
  queue_.pop_front();
  if (auto* message = std::get_if<WireMessagePtr>(&item)) return std::move(*message);
  const auto& frame = delivery::Frame::current(std::get<delivery::FramePtr>(item));
  auto message = context_->codec.encode(frame, position_);
  return spoken_only_ && !message->spoken ? nullptr : message;
}

void ChatStream::on_written(bool taken) {
  const std::lock_guard lock{mutex_};
  writing_ = false;
  if (!taken) end(rpc::gone());
  pump();
}

void ChatStream::on_cancelled() {
  const std::lock_guard lock{mutex_};
  end(rpc::gone());
}

void ChatStream::on_done() {
  const std::lock_guard lock{mutex_};
  wire_ = nullptr;
  if (registered_) context_->streams.leave(*registered_);
  registered_.reset();
  io_thread_.post([self = shared_from_this()] {
    self->beat_.cancel();
    self->ending_.cancel();
  });
}

/// Only the first call takes effect. A revoked right ends sooner than other reasons.
void ChatStream::end(rpc::CallCloseReason end) {
  if (end_) return;
  const bool revoke = end.status == rpc::StatusCode::permission_denied;
  const auto limit = revoke ? context_->limits.revoked_within : context_->limits.close_timeout;
  end_ = std::move(end);
  queue_.clear();
  watch_.reset();
  subscription_.reset();
  io_thread_.post([self = shared_from_this(), limit] {
    const std::lock_guard lock{self->mutex_};
    if (self->wire_ == nullptr) return;  // `on_done` came first and has cancelled the timers
    self->ending_.expires_after(limit);
    self->ending_.async_wait([self](const boost::system::error_code& error) {
      const std::lock_guard inner{self->mutex_};
      if (!error && self->wire_ != nullptr) self->wire_->cancel();
    });
  });
  pump();
}

void ChatStream::drain(std::chrono::milliseconds delay) {
  io_thread_.post([self = shared_from_this(), delay] {
    const std::lock_guard lock{self->mutex_};
    if (self->end_) return;
    self->ending_.expires_after(delay);
    self->ending_.async_wait([self](const boost::system::error_code& error) {
      const std::lock_guard inner{self->mutex_};
      if (!error) self->end(rpc::draining());
    });
  });
}

void ChatWatch::deliver(delivery::FrameBatch frames) {
  auto stream = stream_.lock();
  if (!stream) return;
  auto& io_thread = stream->io_thread_;
  io_thread.post([self = shared_from_this(), stream = std::move(stream), frames = std::move(frames)]() mutable {
    stream->on_batch(*self, std::move(frames));
  });
}

void ChatWatch::end(delivery::WatchCloseReason reason) {
  auto stream = stream_.lock();
  if (!stream) return;
  auto& io_thread = stream->io_thread_;
  io_thread.post(
      [self = shared_from_this(), stream = std::move(stream), reason] { stream->on_watch_end(*self, reason); });
}

// The requesting half of a stream: the client's requests, its token, and heartbeats. Requests are handled one after
// another: the next one is read only after this one is answered and its refusal, if any, is written. So a client that
// sends without reading is held back by HTTP/2's flow control and costs one request of memory.

using usecase::Async;

void ChatStream::spawn(Async<void> task) {
  auto on_end = [self = shared_from_this()](const std::exception_ptr& failure) {
    if (!failure) return;
    self->context_->log.error("grpc.task_failed", {{"err", adapters::failure_reason(failure)}});
    const std::lock_guard lock{self->mutex_};
    self->end(rpc::defect());
  };
  boost::asio::co_spawn(io_thread_.context(), std::move(task), std::move(on_end));
}

Async<void> ChatStream::open(std::shared_ptr<ChatStream> self) {
  auto watch = co_await self->context_->endpoint.watch(self->place_, self->lease_->who());
  const std::lock_guard lock{self->mutex_};
  if (!watch) co_return self->end(rpc::to_end(std::move(watch).error()));
  self->heartbeat_ = rpc::ChatEndpoint::heartbeat(self->place_).value_or(std::nullopt);
  self->last_write_ = Clock::now();
  self->begin(std::move(*watch), self->place_);
  self->read_next();
  self->beat();
}

void ChatStream::on_request(std::optional<rpc::ChatRequest> wanted) {
  context_->endpoint.figures().messages_in.add();
  io_thread_.post([self = shared_from_this(), wanted = std::move(wanted)]() mutable {
    if (wanted) return self->spawn(answer(self, std::move(*wanted)));
    self->refuse(rpc::request_unreadable(), "");
    self->read_next();
  });
}

Async<void> ChatStream::answer(std::shared_ptr<ChatStream> self, rpc::ChatRequest wanted) {
  if (self->lease_->ended()) co_return;  // `on_lease_end` ends the stream
  const bool elsewhere = !wanted.conversation_key.empty() && wanted.conversation_key != self->place_.conversation_key;
  const bool moves = elsewhere || !wanted.after.empty();
  bool stands = true;
  if (moves) stands = co_await self->move(wanted);
  if (stands && !(moves && wanted.message.empty())) {
    rpc::CommentRequest comment{std::move(wanted.message), self->place_.conversation_key, wanted.client_ref,
                                std::move(wanted.idempotency_key)};
    const auto sent = co_await self->context_->endpoint.send(std::move(comment), self->lease_->who());
    if (!sent) self->refuse(sent.error(), wanted.client_ref);
  }
  self->read_next();
}

/// Moves the stream to another conversation or cursor. False: refused, and the stream keeps its watch.
Async<bool> ChatStream::move(rpc::ChatRequest wanted) {
  rpc::WatchRequest place{place_.conversation_key, wanted.after, place_.delivery};
  if (!wanted.conversation_key.empty()) place.conversation_key = wanted.conversation_key;
  auto watch = co_await context_->endpoint.watch(place, lease_->who());
  if (!watch) {
    refuse(watch.error(), wanted.client_ref);
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
  io_thread_.post([self = shared_from_this()] {
    const std::lock_guard lock{self->mutex_};
    self->ends_soon_ = true;
    if (self->begun_) self->announce_end();
  });
}

void ChatStream::on_lease_end(usecase::LeaseEnd why) {
  io_thread_.post([self = shared_from_this(), why] {
    const std::lock_guard lock{self->mutex_};
    self->end(rpc::to_end(why));
  });
}

void ChatStream::announce_end() {
  if (end_) return;
  queue_.emplace_back(ChatCodec::encode_expiry(*lease_->who().expires_at));
  pump();
}

}  // namespace danwa::grpc
