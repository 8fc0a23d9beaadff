#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "adapters/delivery/frame.hpp"
#include "usecase/ports/access_check.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters {

/// Keeps the updates of a conversation from somebody who may have lost the right to see them. An update
/// that may shut its watcher out still goes out itself; what lies behind it waits until the right was looked
/// up again, at that update's place in the log or later. What was never looked at, because it was neither
/// announced nor handed out, counts as if it might shut out. Plain. Owned by: one Subscriber.
class AccessGate {
 public:
  explicit AccessGate(usecase::AccessGuard guard);

  const usecase::AccessGuard& guard() const { return guard_; }

  /// Whether the update `seq` may be handed out.
  bool admits(domain::Seq seq) const { return seq <= open_through_; }

  /// Whether nothing says that the right has ended.
  bool settled() const { return suspect_ <= cleared_ && open_through_ != 0; }

  /// The log's head was found: what lies between it and the last look was not announced. What was looked up
  /// in another log holds no more.
  void started(const domain::Epoch& epoch, domain::Seq head);

  /// The door goes on at `next`: what it skipped may have shut out, and is never handed out.
  void skipped_to(domain::Seq next);

  /// The log was replaced: nothing that was looked up holds any more.
  void restarted();

  void announced(const Frame& frame);
  void handed_out(const Frame& frame);

  /// The number of the check to ask for now; nothing when none is needed, or one runs. `next` is the next
  /// update for the door, `waits`: something is kept from it.
  std::optional<std::uint32_t> question(domain::Seq next, bool door_ready, bool waits);

  /// Whether an answer to this check is waited for.
  bool awaits(std::uint32_t check) const { return asked_ && check == checks_; }

  /// False: the right has ended. An answer out of another log means nothing: the next `question` asks again.
  bool answer(const usecase::AccessCheck::Answer& answer);

 private:
  void join_run();

  usecase::AccessGuard guard_;
  domain::Epoch looked_up_in_;  // the log of the last look; empty: not known
  domain::Epoch started_in_;    // the log that is watched; empty: not known yet
  domain::Seq open_through_;    // updates up to here may be handed out; 0: none before a check
  domain::Seq cleared_;         // at this place of the log the right was looked up
  domain::Seq run_first_;       // the newest announced updates, without a hole,
  domain::Seq run_last_;        // none of which may shut out; empty: run_first_ == run_last_ + 1
  domain::Seq suspect_ = 0;     // the last update that may shut out: seen so, or skipped
  domain::Seq unseen_ = 0;      // the last update that was not announced
  std::uint32_t checks_ = 0;    // asked for so far
  bool asked_ = false;          // the last of them runs
};

}  // namespace danwa::adapters
