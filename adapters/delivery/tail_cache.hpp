#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters {

/// The last updates of one channel, encoded, shared by all watchers of the node: a contiguous run,
/// bounded in number and in bytes (but for the newest 16, which always stay). Owned by the router.
class TailCache {
 public:
  static constexpr std::size_t kAlwaysKept = 16;

  struct Limits {
    std::size_t frames = 256;
    std::size_t bytes = 1UL << 20;
  };
  explicit TailCache(Limits limits) : limits_{limits} {}

  /// The update after the last; one that leaves a hole starts the run anew; others are ignored.
  void append(FramePtr frame);

  /// Puts the newest of `frames` (ascending, without holes) before the first, as far as they join it and
  /// fit without pushing anything out.
  void prepend(std::span<const FramePtr> frames);

  /// The updates [first, last], at most `limit`, from `first` on; nothing when `first` is not here.
  FrameBatch slice(domain::Seq first, domain::Seq last, std::size_t limit) const;

  /// The update `seq`, or null.
  FramePtr find(domain::Seq seq) const;

  /// Takes the text of a removed comment out of all its updates.
  void redact(const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq) const;

  void clear();

  bool empty() const { return start_ == frames_.size(); }
  std::size_t size() const { return frames_.size() - start_; }
  std::size_t bytes() const { return bytes_; }
  bool holds(domain::Seq seq) const { return !empty() && first() <= seq && seq <= last(); }
  domain::Seq first() const { return frames_[start_]->seq(); }  ///< must not be empty
  domain::Seq last() const { return frames_.back()->seq(); }    ///< must not be empty

 private:
  void trim();

  Limits limits_;
  FrameBatch frames_;  // from start_ on; what is before was trimmed and is null
  std::size_t start_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace danwa::adapters
