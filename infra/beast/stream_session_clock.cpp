#include "infra/beast/stream_session.hpp"

#include <algorithm>

// The timekeeping half: heartbeats, silence, the token's end, drains.

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
  if (!check_token()) return;
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

/// Warns before the token ends, closes when it has. False when the stream is not open any more.
bool StreamSession::check_token() {
  if (!expires_at_) return true;
  const auto left = *expires_at_ - context_.clock.now();
  if (left <= decltype(left)::zero()) {
    end_stream(token_ending());
    return false;
  }
  if (greeted_ && !warned_ && left <= limits().expiry_warning) {
    warned_ = true;
    append_expiry_warning(unsent_, *expires_at_);
    flush();
  }
  return phase_ == Phase::open;
}

Ending StreamSession::token_ending() const { return {CloseCode::unauthorized, "token-expired", std::nullopt}; }

void StreamSession::expire_at(domain::Timestamp when) {
  expires_at_ = when;
  if (phase_ == Phase::open) schedule();
}

StreamSession::Clock::time_point StreamSession::token_due(Clock::time_point now) const {
  if (!expires_at_) return Clock::time_point::max();
  const auto left = *expires_at_ - context_.clock.now();
  return now + (warned_ || !greeted_ ? left : left - limits().expiry_warning);
}

void StreamSession::schedule() {
  auto due = std::min({heartbeat_at_, drain_at_, token_due(Clock::now()), alarm()});
  if (owes_life()) due = std::min(due, silence_due());
  lane_.set_due(*this, due);
}

}  // namespace danwa::infra
