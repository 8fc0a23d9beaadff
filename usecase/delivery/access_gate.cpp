#include <algorithm>

#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {

using domain::Seq;

namespace {

bool differ(const domain::Epoch& one, const domain::Epoch& other) {
  return !one.empty() && !other.empty() && one != other;
}

}  // namespace

AccessGate::AccessGate(usecase::AccessGuard guard)
    : guard_{std::move(guard)},
      looked_up_in_{guard_.epoch},
      open_through_{guard_.checked_through + 1},
      cleared_{guard_.checked_through},
      run_first_{guard_.checked_through + 1},
      run_last_{guard_.checked_through} {}

void AccessGate::started(const domain::Epoch& epoch, Seq head) {
  if (differ(epoch, looked_up_in_)) restarted();
  started_in_ = epoch;
  if (head < cleared_) restarted();  // another log than the one that was looked at
  if (head <= run_last_) return;
  unseen_ = std::max(unseen_, head);
  run_first_ = head + 1;
  run_last_ = head;
}

void AccessGate::skipped_to(Seq next) {
  if (next > open_through_) revoking_ = std::max(revoking_, next - 1);
}

void AccessGate::restarted() {
  looked_up_in_.clear();
  started_in_.clear();
  open_through_ = cleared_ = run_last_ = revoking_ = unseen_ = 0;
  run_first_ = 1;
  asked_ = false;
}

void AccessGate::announced(const Frame& frame) {
  const Seq seq = frame.seq();
  const bool suspicious = seq > cleared_ && frame.may_revoke(guard_.user);
  if (suspicious) revoking_ = std::max(revoking_, seq);
  if (seq <= run_last_) return;
  if (seq != run_last_ + 1) {
    unseen_ = seq - 1;
    run_first_ = seq;
  }
  run_last_ = seq;
  if (suspicious) run_first_ = seq + 1;
  join_run();
}

void AccessGate::handed_out(const Frame& frame) {
  if (frame.seq() != open_through_) return;
  if (frame.may_revoke(guard_.user)) {
    revoking_ = std::max(revoking_, frame.seq());
  } else {
    ++open_through_;
    join_run();
  }
}

std::optional<std::uint32_t> AccessGate::question(Seq next, bool transport_ready, bool waits) {
  const bool unseen = unseen_ > cleared_ && unseen_ >= next;  // a door that is ready sees it in a moment
  if (asked_ || (settled() && !waits && (transport_ready || !unseen))) return std::nullopt;
  asked_ = true;
  return ++checks_;
}

bool AccessGate::answer(const usecase::AccessCheck::Answer& answer) {
  asked_ = false;
  if (differ(answer.epoch, started_in_)) return true;
  if (!answer.allowed) return false;
  looked_up_in_ = answer.epoch;
  const Seq through = answer.checked_through;
  cleared_ = std::max(cleared_, through);
  open_through_ = std::max(open_through_, through + 1);
  if (through > run_last_) {
    run_first_ = through + 1;
    run_last_ = through;
  }
  join_run();
  return true;
}

void AccessGate::join_run() {
  if (run_first_ <= open_through_) open_through_ = std::max(open_through_, run_last_ + 1);
}

}  // namespace danwa::delivery
