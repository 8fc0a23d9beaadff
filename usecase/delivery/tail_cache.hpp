#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "usecase/delivery/frame.hpp"

namespace danwa::delivery {

struct Exploration;  ///< the test that copies and hashes the whole state of these classes

using Time = std::chrono::steady_clock::time_point;  ///< always a parameter: no class here reads a clock

/// Takes the text out of `frame`, for all that hold it, if it is text of `comment` from before update `before`.
void redact_text_of(const Frame& frame, const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq);

/// The comments of one channel that were removed or redacted lately. A page of the log that was read before the removal
/// may arrive after it, with the text still in it. Bounded in number and in age; the oldest goes first.
class Removals {
 public:
  static constexpr std::size_t kMax = 256;
  static constexpr std::chrono::seconds kMaxAge{60};

  /// The texts of `comment` from before update `before` are gone.
  void remember(const domain::CommentId& comment, Time now, domain::Seq before = domain::kMaxSeq);

  /// Redacts `frame` if its text is gone.
  void screen(const Frame& frame) const;

  std::size_t size() const { return list_.size(); }

 private:
  friend struct Exploration;
  struct Removal {
    domain::CommentId comment;
    Time at;
    domain::Seq before;
  };
  std::vector<Removal> list_;  // oldest first
};

/// Puts the updates of one channel in order before they are announced. With several publishers an update often comes
/// before its predecessor. It waits up to 5 ms for it, once per node and not once per watcher. Then it goes out all the
/// same, and leaves a hole. At most 64 updates wait; one more lets all go.
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

  /// Appends to `out` the updates that go out now, in order. An update at or below the head is dropped.
  void take(FramePtr frame, Time now, FrameBatch& out);

  /// Appends to `out` the updates that have waited long enough, and those that they held up.
  void release(Time now, FrameBatch& out);

  /// The time at which `release` has something to do.
  std::optional<Time> due() const;

  /// The waiting update `seq`, or null.
  FramePtr held(domain::Seq seq) const;

  void redact(const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq) const;
  std::size_t waiting() const { return early_.size(); }

 private:
  friend struct Exploration;
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

/// The last updates of one channel, encoded, shared by all watchers of the node: a contiguous run, bounded in number
/// and in bytes. The newest `always`, one batch, stay whatever their size. Owned by the router.
class TailCache {
 public:
  static constexpr std::size_t kAlwaysKept = 16;

  struct Limits {
    std::size_t frames = 256;
    std::size_t bytes = 1UL << 20;
    std::size_t always = kAlwaysKept;
  };
  explicit TailCache(Limits limits) : limits_{limits} {}

  /// Adds the update after the last. One that leaves a hole starts the run anew; one at or below the last is ignored.
  void append(FramePtr frame);

  /// Puts the newest of `frames` (ascending, without holes) before the first, if they continue it, and as many as fit
  /// without pushing anything out.
  void prepend(std::span<const FramePtr> frames);

  /// The updates [first, last], at most `limit`, from `first` on; empty if `first` is not here.
  FrameBatch slice(domain::Seq first, domain::Seq last, std::size_t limit) const;

  /// The update `seq`, or null.
  FramePtr find(domain::Seq seq) const;

  /// Takes the text of a removed comment out of its updates below `before`.
  void redact(const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq) const;

  void clear();

  bool empty() const { return start_ == frames_.size(); }
  std::size_t size() const { return frames_.size() - start_; }
  std::size_t bytes() const { return bytes_; }
  bool holds(domain::Seq seq) const { return !empty() && first() <= seq && seq <= last(); }
  domain::Seq first() const { return frames_[start_]->seq(); }  ///< must not be empty
  domain::Seq last() const { return frames_.back()->seq(); }    ///< must not be empty

 private:
  friend struct Exploration;
  void trim();

  Limits limits_;
  FrameBatch frames_;  // from start_ on; those before it were trimmed and are null
  std::size_t start_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace danwa::delivery
