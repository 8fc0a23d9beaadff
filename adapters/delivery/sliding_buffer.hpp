#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters {

/// The newest announced updates of one channel: a contiguous run of at most 16. Owned by one subscriber.
class SlidingBuffer {
 public:
  static constexpr std::size_t kCapacity = 16;

  enum class Push {
    added,
    slid,       ///< added; the oldest slid out
    restarted,  ///< added after a hole: what was in is gone
    duplicate,  ///< at or below the last: ignored
  };
  Push push(const FramePtr& frame);

  /// Puts the newest of `frames` (ascending, without holes) before the first as far as they join it and
  /// fit; into an empty buffer, as they are.
  void prepend(std::span<const FramePtr> frames);

  /// Moves the oldest, at most `limit`, to the end of `out`.
  void take(std::size_t limit, FrameBatch& out);

  void drop_below(domain::Seq seq);
  void clear();

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == kCapacity; }
  std::size_t size() const { return size_; }
  domain::Seq first() const { return at(0)->seq(); }         ///< must not be empty
  domain::Seq last() const { return at(size_ - 1)->seq(); }  ///< must not be empty
  const FramePtr& at(std::size_t index) const { return slots_[(start_ + index) % kCapacity]; }

 private:
  FramePtr pop();

  std::array<FramePtr, kCapacity> slots_;  // empty slots hold null
  std::size_t start_ = 0;
  std::size_t size_ = 0;
};

}  // namespace danwa::adapters
