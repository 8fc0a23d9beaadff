#include "infra/beast/stream_session.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

// A stream pulls: the feed gives it one batch of at most 16 frames, and the next one only after `ready`. That follows
// at once while fewer than 16 frames wait here for the end of the turn, and else when the kernel has taken all of them.
// So a slow client holds at most 31 pointers here and 16 in its subscriber, and it never delays another client.
//
// The kernel's send is most of the cost of a delivery (a bare send takes 7 to 9 us of CPU), so all waiting frames go
// out with one gathered call. Beast's WebSocket stream writes one message at a time, which is why frames are written
// here. If the kernel takes a part, the rest of the begun frame is copied into `unsent_`. Frames that were not begun
// stay in the batch, so their text can still be removed.
//
// Phases: open; closing (the goodbye is being written); hanging up (output closed, the client's end awaited, so that no
// reset destroys unread bytes); closed.

namespace danwa::beast {
namespace {

using adapters::websocket::CloseCode;
using std::chrono::milliseconds;

constexpr int kReadsAtOnce = 4;  // then other connections have their turn
constexpr milliseconds kRetryLater{1'000};
constexpr milliseconds kShutOutWithin{500};  // after access was revoked, however slowly the client reads

CloseReason to_close_reason(delivery::WatchCloseReason reason) {
  if (reason != delivery::WatchCloseReason::forbidden) return going_away(kRetryLater);
  return {CloseCode::forbidden, "not-a-member", std::nullopt};
}

}  // namespace

StreamSession::StreamSession(delivery::Gauge& gauge, Parts parts)
    : context_{parts.context},
      streams_{parts.streams},
      gauge_{gauge},
      socket_{std::move(parts.socket)},
      lease_{std::move(parts.lease)},
      heartbeat_at_{Clock::now() + parts.context.limits.ping_interval} {
  gauge_.add();
}

StreamSession::~StreamSession() {
  if (phase_ == Phase::open) stop_watching();
  shut();
}

void StreamSession::start(std::string head, std::optional<usecase::Watch> watch, std::string leftover) {
  place_ = context_.streams.add(std::weak_ptr<LiveConnection>{shared_from_this()});
  unsent_ = std::move(head);
  if (watch) {
    subscription_ = context_.feed.watch(std::move(*watch), std::weak_ptr<delivery::Watcher>{shared_from_this()});
    ask_for_more();
  }
  if (lease_) hold(lease_, limits().expiry_warning);
  on_start();
  flush();
  if (phase_ == Phase::open && !leftover.empty()) take(leftover);
  if (phase_ == Phase::closed) return;
  flush();
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::open) keep_time(Clock::now());
  wait_readable();
}

void StreamSession::deliver(delivery::FrameBatch frames) {
  if (streams_.thread().is_current()) return on_batch(std::move(frames));
  hand_over([frames = std::move(frames)](StreamSession& self) mutable { self.on_batch(std::move(frames)); });
}

void StreamSession::end(delivery::WatchCloseReason reason) {
  hand_over([reason](StreamSession& self) { self.end_stream(to_close_reason(reason)); });
}

void StreamSession::on_lease_ending() {
  hand_over([](StreamSession& self) { self.on_lease_notice(); });
}

void StreamSession::on_lease_end(usecase::LeaseEnd why) {
  hand_over([why](StreamSession& self) { self.on_lease_end_notice(why); });
}

void StreamSession::drain(milliseconds delay, milliseconds retry_after) {
  hand_over([delay, retry_after](StreamSession& self) { self.on_drain(delay, retry_after); });
}

void StreamSession::stop() {
  hand_over([](StreamSession& self) { self.close(); });
}

void StreamSession::on_batch(delivery::FrameBatch frames) {
  if (phase_ != Phase::open) return;
  asked_ = false;
  if (batch_.empty()) {
    batch_ = std::move(frames);
  } else {
    batch_.insert(batch_.end(), std::move_iterator{frames.begin()}, std::move_iterator{frames.end()});
  }
  if (!std::exchange(writes_later_, true)) streams_.write_at_turn_end(shared_from_this());
  if (takes_batch()) ask_for_more();
}

void StreamSession::ask_for_more() {
  if (!std::exchange(asked_, true)) subscription_->ready();
}

void StreamSession::write_turn() {
  writes_later_ = false;
  flush();
}

/// Reads into the shared buffer of the io thread. While a stream hangs up, its bytes are read and dropped.
void StreamSession::on_readable() {
  listening_ = false;
  for (int i = 0; i < kReadsAtOnce && phase_ != Phase::closed && reads(); ++i) {
    const auto space = streams_.read_space();
    const auto [status, size] = socket_->read(space);
    if (status == StreamSocket::Status::closed) return close();
    if (status == StreamSocket::Status::would_block) break;
    if (phase_ != Phase::hanging_up) take(space.first(size));
    if (size < space.size()) break;
  }
  if (phase_ == Phase::closed) return;
  flush();
  wait_readable();
}

void StreamSession::wait_readable() {
  if (phase_ == Phase::closed || listening_ || !reads()) return;
  listening_ = true;
  socket_->wait_readable(shared_from_this());
}

void StreamSession::show_life() {
  unanswered_ = false;
  silent_since_ = Clock::now();
}

void StreamSession::on_writable() {
  if (phase_ == Phase::closed) return;
  stalled_ = false;
  silent_since_ = Clock::now();  // the client took some of the waiting bytes
  flush();
}

void StreamSession::flush() {
  // `on_written` may add bytes.
  do {
    if (stalled_ || phase_ >= Phase::hanging_up) return;
    while (has_unwritten()) {
      if (!write_once()) return;
    }
    on_written();
  } while (phase_ == Phase::open && has_unwritten());
}

/// Writes once. False: the kernel did not take everything and `on_writable` continues, or the stream is closed.
bool StreamSession::write_once() {
  const auto& out = gather();
  if (out.size() == 0) return phase_ != Phase::closed;
  const auto [status, size] = socket_->write(out.pieces());
  if (status == StreamSocket::Status::closed) {
    close();
    return false;
  }
  consume(out, size);
  if (size == out.size()) return true;
  if (!owes_life()) silent_since_ = Clock::now();  // the time of the stall begins
  stalled_ = true;
  if (phase_ == Phase::open) schedule();
  socket_->wait_writable(shared_from_this());
  return false;
}

/// Collects the bytes to write now: frame 0 is the rest of a begun frame or what comes between frames, then the batch
/// follows, then the late frame.
Gather& StreamSession::gather() {
  std::string late = is_open() && has_late() ? make_late() : std::string{};
  auto& out = streams_.gather();
  out.clear();
  out.add(unsent_);
  out.end_frame();
  wrap_again();
  for (std::size_t i = next_; i < batch_.size() && !out.full(); ++i) {
    wrap(*delivery::Frame::current(batch_[i]), out);
    out.end_frame();
  }
  if (!late.empty()) {
    out.add_owned(std::move(late));
    out.end_frame();
  }
  return out;
}

/// Accounts for `size` written bytes. A frame that was begun must be finished later, so the rest of it is copied;
/// frames behind it stay in the batch.
void StreamSession::consume(const Gather& written, std::size_t size) {
  begun_ -= std::min(begun_, size);
  if (size < unsent_.size()) {
    unsent_.erase(0, size);
    return;
  }
  unsent_ = std::string{};
  for (std::size_t frame = 1; frame < written.frames(); ++frame) {
    if (size <= written.end_of(frame - 1)) return;
    next_ < batch_.size() ? on_begun(*batch_[next_++]) : on_late_begun();
    if (size >= written.end_of(frame)) continue;
    written.copy_rest(frame, size, unsent_);
    begun_ = unsent_.size();
    return;
  }
}

void StreamSession::on_written() {
  if (phase_ == Phase::closing) {
    if (may_hang_up()) hang_up();
    return;
  }
  on_drained();
  wait_readable();
  if (batch_.empty()) return;
  batch_ = {};
  next_ = 0;
  if (!std::exchange(greeted_, true) && ends_soon_) warn_of_end();
  ask_for_more();
}

void StreamSession::end_stream(const CloseReason& close_reason) {
  if (writes_later_) flush();  // what came in this turn goes out before the goodbye
  if (phase_ != Phase::open) return;
  stop_watching();
  on_end();
  append_goodbye(unsent_, close_reason);
  const bool revoke = close_reason.code == CloseCode::forbidden;
  streams_.set_due(*this,
                   Clock::now() + std::min(limits().close_timeout, revoke ? kShutOutWithin : milliseconds::max()));
  flush();
}

/// Waits for the client to close, so that no reset destroys bytes that it has not read.
void StreamSession::hang_up() {
  phase_ = Phase::hanging_up;
  socket_->end_output();
  streams_.set_due(*this, Clock::now() + limits().close_timeout);
}

void StreamSession::reset() {
  if (phase_ != Phase::closed) socket_->reset_when_closed();
  close();
}

/// The step from open to closing.
void StreamSession::stop_watching() {
  phase_ = Phase::closing;
  subscription_.reset();
  batch_ = {};
  next_ = 0;
  if (lease_) lease_->release();
  lease_.reset();
}

void StreamSession::close() {
  if (phase_ == Phase::open) {
    stop_watching();
    on_end();
  }
  shut();
}

/// The step to closed, from any phase.
void StreamSession::shut() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  TimerWheel::remove(*this);
  unsent_ = std::string{};
  begun_ = 0;
  socket_.reset();
  gauge_.sub();
  place_.leave();
}

// The timekeeping half of StreamSession: heartbeats, silence, the end of the lease, drains. One entry in the timer
// wheel stands for all of them; it is set to the earliest.

void StreamSession::on_drain(milliseconds delay, milliseconds retry_after) {
  if (phase_ != Phase::open) return;
  drain_at_ = std::min(drain_at_, Clock::now() + delay);
  retry_after_ = retry_after;
  keep_time(Clock::now());
}

void StreamSession::on_due(Clock::time_point now) {
  if (phase_ == Phase::open) return keep_time(now);
  has_unwritten() ? reset() : close();
}

void StreamSession::keep_time(Clock::time_point now) {
  if (now >= drain_at_) return end_stream(going_away(retry_after_));
  if (owes_life() && now >= silence_due()) return on_silence();
  if (now >= alarm()) on_alarm();
  if (phase_ == Phase::open && now >= heartbeat_at_) beat(now);
  if (phase_ == Phase::open) schedule();
}

void StreamSession::beat(Clock::time_point now) {
  heartbeat_at_ = now + limits().ping_interval;
  if (stalled_) return;
  if (!owes_life()) silent_since_ = now;
  if (append_heartbeat(unsent_)) unanswered_ = true;
  on_beat();
  flush();
}

void StreamSession::hold(usecase::LeasePtr lease, std::chrono::milliseconds warning) {
  if (lease_ && lease_ != lease) lease_->release();
  lease_ = std::move(lease);
  lease_->hold(weak_from_this(), warning);
}

void StreamSession::on_lease_notice() {
  if (phase_ != Phase::open || !lease_) return;
  ends_soon_ = true;
  if (greeted_) warn_of_end();
  flush();
}

void StreamSession::on_lease_end_notice(usecase::LeaseEnd why) {
  if (phase_ != Phase::open || !lease_) return;
  if (!lease_->ended()) return;  // the notice belongs to a lease that was replaced
  end_stream({lease_end_code(), why == usecase::LeaseEnd::expired ? "token-expired" : "token-revoked", std::nullopt});
}

/// Warns the client, so that it gets a new token in time.
void StreamSession::warn_of_end() { append_expiry_warning(unsent_, *lease_->who().expires_at); }

void StreamSession::schedule() {
  auto due = std::min({heartbeat_at_, drain_at_, alarm()});
  if (owes_life()) due = std::min(due, silence_due());
  streams_.set_due(*this, due);
}

}  // namespace danwa::beast
