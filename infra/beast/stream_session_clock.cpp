#include "infra/beast/stream_session.hpp"

#include <algorithm>

// The timekeeping half of StreamSession: heartbeats, silence, the end of the lease, drains. One entry in the timer
// wheel stands for all of them; it is set to the earliest.

namespace danwa::infra {

using adapters::websocket::CloseCode;

void StreamSession::on_drain(const DrainOrder& order) {
  if (phase_ != Phase::open) return;
  drain_at_ = std::min(drain_at_, Clock::now() + order.delay);
  retry_after_ = order.retry_after;
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

void StreamSession::on_lease(const LeaseNotice& notice) {
  if (phase_ != Phase::open || !lease_) return;
  if (!notice.end) {
    ends_soon_ = true;
    if (greeted_) warn_of_end();
    return flush();
  }
  if (!lease_->ended()) return;  // the notice belongs to a lease that was replaced
  const bool expired = notice.end == usecase::LeaseEnd::expired;
  end_stream({lease_end_code(), expired ? "token-expired" : "token-revoked", std::nullopt});
}

/// Warns the client, so that it gets a new token in time.
void StreamSession::warn_of_end() { append_expiry_warning(unsent_, *lease_->who().expires_at); }

void StreamSession::schedule() {
  auto due = std::min({heartbeat_at_, drain_at_, alarm()});
  if (owes_life()) due = std::min(due, silence_due());
  lane_.set_due(*this, due);
}

}  // namespace danwa::infra
