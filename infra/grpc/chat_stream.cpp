#include "infra/grpc/chat_stream.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace danwa::infra {

// The sending half of a stream. Its life: `start` registers it and checks the token; `open` (in
// chat_stream_requests.cpp) starts the watch; then batches come in through `on_batch` and leave through `pump`.
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

namespace rpc = adapters::rpc;

ChatStream::ChatStream(StreamContext& context, boost::asio::io_context& lane, bool spoken_only)
    : context_{context}, lane_{lane}, spoken_only_{spoken_only}, beat_{lane}, ending_{lane} {
  context_.door.figures().streams.add();
}

ChatStream::~ChatStream() { context_.door.figures().streams.sub(); }

void ChatStream::start(StreamWire& wire, const rpc::CallMetadata& metadata, std::optional<rpc::WatchWish> wish,
                       bool reads_requests) {
  ++context_.running;
  const std::lock_guard lock{mutex_};
  wire_ = &wire;
  reads_ = reads_requests;
  auto place = context_.streams.enter(weak_from_this());
  if (!place) return end(std::move(place).error());
  registered_ = *place;
  if (!wish) return end(rpc::to_end(rpc::request_unreadable()));
  auto lease = context_.door.lease(metadata);
  if (!lease) return end(rpc::to_end(std::move(lease).error()));
  lease_ = std::move(*lease);
  lease_->hold(weak_from_this(), context_.limits.expiry_warning);
  place_ = metadata.complete(std::move(*wish));
  spawn(open(shared_from_this()));
}

void ChatStream::begin(usecase::Watch watch, rpc::WatchWish place) {
  place_ = std::move(place);
  auto door = std::make_shared<ChatWatch>(weak_from_this());
  auto subscription = context_.door.start(std::move(watch), door);
  {
    const std::lock_guard lock{mutex_};
    if (end_) return;
    watch_ = std::move(door);
    std::swap(subscription_, subscription);
    std::erase_if(queue_, [](const Item& item) { return std::holds_alternative<adapters::FramePtr>(item); });
    batch_open_ = false;
    subscription_->ready();
  }
}

void ChatStream::on_batch(const ChatWatch& watch, adapters::FrameBatch frames) {
  const std::lock_guard lock{mutex_};
  if (end_ || watch_.get() != &watch) return;
  for (auto& frame : frames) queue_.emplace_back(std::move(frame));
  batch_open_ = true;
  pump();
  if (end_) return;
  if (!std::exchange(accepted_, true)) wire_->accept();
  if (!std::exchange(begun_, true) && ends_soon_) announce_end();
}

void ChatStream::on_watch_end(const ChatWatch& watch, adapters::WatchEnd reason) {
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
    context_.door.figures().messages_out.add();
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
  const auto& frame = adapters::Frame::current(std::get<adapters::FramePtr>(item));
  auto message = context_.codec.encode(frame, position_);
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
  if (registered_) context_.streams.leave(*registered_);
  registered_.reset();
  boost::asio::post(lane_, [self = shared_from_this()] {
    self->beat_.cancel();
    self->ending_.cancel();
  });
  --context_.running;
}

/// Only the first call takes effect. A revoked right ends sooner than other reasons.
void ChatStream::end(rpc::CallEnd end) {
  if (end_) return;
  const bool shut_out = end.status == rpc::StatusCode::permission_denied;
  const auto limit = shut_out ? context_.limits.shut_out_within : context_.limits.close_timeout;
  end_ = std::move(end);
  queue_.clear();
  watch_.reset();
  subscription_.reset();
  boost::asio::post(lane_, [self = shared_from_this(), limit] {
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
  boost::asio::post(lane_, [self = shared_from_this(), delay] {
    const std::lock_guard lock{self->mutex_};
    if (self->end_) return;
    self->ending_.expires_after(delay);
    self->ending_.async_wait([self](const boost::system::error_code& error) {
      const std::lock_guard inner{self->mutex_};
      if (!error) self->end(rpc::draining());
    });
  });
}

void ChatWatch::deliver(adapters::FrameBatch frames) {
  auto stream = stream_.lock();
  if (!stream) return;
  auto& lane = stream->lane_;
  boost::asio::post(lane, [self = shared_from_this(), stream = std::move(stream),
                           frames = std::move(frames)]() mutable { stream->on_batch(*self, std::move(frames)); });
}

void ChatWatch::end(adapters::WatchEnd reason) {
  auto stream = stream_.lock();
  if (!stream) return;
  auto& lane = stream->lane_;
  boost::asio::post(
      lane, [self = shared_from_this(), stream = std::move(stream), reason] { stream->on_watch_end(*self, reason); });
}

}  // namespace danwa::infra
