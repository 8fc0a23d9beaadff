#include <algorithm>
#include <utility>

#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {

// A ring of pointers to shared frames; it never allocates. It holds one run without holes, so its first number alone
// says what is missing before it. A hole clears the ring, and the frame behind the hole begins a new run: the reader
// then reads pages from its next number up to that frame, so they bring the cleared frames as well as the missing ones.
// When the ring is full the oldest frame goes. The reader is behind then, pages bring that frame back in order, and the
// newest frames stay at hand for the moment when the pages meet them.

SlidingBuffer::Push SlidingBuffer::push(const FramePtr& frame) {
  auto result = Push::added;
  if (!empty()) {
    if (frame->seq() <= last()) return Push::duplicate;
    if (frame->seq() != last() + 1) {
      clear();
      result = Push::restarted;
    } else if (full()) {
      pop();
      result = Push::slid;
    }
  }
  slots_[(start_ + size_) % kCapacity] = frame;
  ++size_;
  return result;
}

void SlidingBuffer::prepend(std::span<const FramePtr> frames) {
  if (!empty()) {
    while (!frames.empty() && frames.back()->seq() >= first()) frames = frames.first(frames.size() - 1);
  }
  while (!frames.empty() && !full() && (empty() || frames.back()->seq() + 1 == first())) {
    start_ = (start_ + kCapacity - 1) % kCapacity;
    slots_[start_] = frames.back();
    ++size_;
    frames = frames.first(frames.size() - 1);
  }
}

void SlidingBuffer::take(std::size_t limit, FrameBatch& out) {
  const std::size_t count = std::min(limit, size_);
  for (std::size_t i = 0; i < count; ++i) out.push_back(pop());
}

void SlidingBuffer::drop_below(domain::Seq seq) {
  while (!empty() && first() < seq) pop();
}

void SlidingBuffer::clear() {
  while (!empty()) pop();
}

FramePtr SlidingBuffer::pop() {
  FramePtr oldest = std::move(slots_[start_]);
  slots_[start_] = nullptr;
  start_ = (start_ + 1) % kCapacity;
  --size_;
  return oldest;
}

}  // namespace danwa::delivery
