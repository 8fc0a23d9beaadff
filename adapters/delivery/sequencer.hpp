#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

#include "adapters/delivery/frame.hpp"
#include "adapters/delivery/removals.hpp"

namespace danwa::adapters {

/// Puts the updates of one channel in order before they are announced: with several publishers an update
/// often comes before its predecessor, so it waits up to 5 ms for it, once per node and not once per
/// watcher; then it goes out all the same, and leaves a hole. At most 64 wait; one more lets all go.
class Sequencer {
 public:
  static constexpr std::chrono::milliseconds kHold{5};
  static constexpr std::size_t kMaxEarly = 64;

  /// The first update ever, or `start_at`, makes the head known.
  bool known() const { return known_; }
  domain::Seq head() const { return head_; }  ///< the highest seq that went out; 0 while unknown

  /// Makes an unknown head known: everything up to `head` counts as gone out.
  void start_at(domain::Seq head);
  void reset();

  /// Appends to `out` what goes out now, in order. An update at or below the head is dropped.
  void take(FramePtr frame, Time now, FrameBatch& out);

  /// Lets go what has waited long enough.
  void release(Time now, FrameBatch& out);

  /// When `release` has something to do.
  std::optional<Time> due() const;

  /// The waiting update `seq`, or null.
  FramePtr held(domain::Seq seq) const;

  void redact(const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq) const;
  std::size_t waiting() const { return early_.size(); }

 private:
  struct Early {
    FramePtr frame;
    Time since;
  };
  void drain_joined(FrameBatch& out);
  void drain_through(domain::Seq last, FrameBatch& out);

  bool known_ = false;
  domain::Seq head_ = 0;
  std::map<domain::Seq, Early> early_;  // all above head_ + 1
};

}  // namespace danwa::adapters
