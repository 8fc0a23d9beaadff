#include <algorithm>

#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {

using domain::Seq;

// The gate keeps one line in the log: updates up to `open_through_` may go out, those above wait. A check at place p
// moves the line to p + 1 and not only to p: even if p + 1 revokes access, it was written while access lasted, and the
// watcher must see it.
//
//            cleared_        open_through_
//               v                 v
//     log … 40 41 42 43 … 48 49 50│51 52    50 may go out. 51 may, once 50 is known not to revoke access,
//              none may revoke             or once access was checked at 50 or later.
//
// Two facts move the line without a check, so a live watcher costs no read of the database: an update that goes out
// (handed_out), and the run of announced updates, once it reaches the line (join_run). An update that was neither
// announced nor handed out counts as one that may revoke. `open_through_` 0 means: nothing goes out before a check.

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
  if (head < cleared_) restarted();  // access was checked in another log
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

/// Keeps the newest announced updates as a run [run_first_, run_last_] in which none may revoke access. A hole, or an
/// update that may revoke, starts it again behind.
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

/// A check is due when access may have ended, even if nothing waits, because the watcher must be closed soon. It is due
/// also when the gate keeps something from a ready transport. Updates that were never announced lead to a check only
/// for a transport that is not ready: a ready one reads them as a page in a moment, and handed_out() judges them.
std::optional<std::uint32_t> AccessGate::question(Seq next, bool transport_ready, bool waits) {
  const bool unseen = unseen_ > cleared_ && unseen_ >= next;
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
