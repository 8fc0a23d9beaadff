#include "adapters/delivery/tail_cache.hpp"

#include <algorithm>
#include <utility>

#include "adapters/delivery/removals.hpp"

namespace danwa::adapters {

void TailCache::append(FramePtr frame) {
  if (!empty() && frame->seq() <= last()) return;
  if (!empty() && frame->seq() != last() + 1) clear();
  bytes_ += frame->size();
  frames_.push_back(std::move(frame));
  trim();
}

void TailCache::prepend(std::span<const FramePtr> frames) {
  if (empty()) return;
  while (!frames.empty() && frames.back()->seq() >= first()) frames = frames.first(frames.size() - 1);
  if (frames.empty() || frames.back()->seq() + 1 != first()) return;
  std::size_t count = 0;
  while (count < frames.size() && size() + count < limits_.frames) {
    const std::size_t more = frames[frames.size() - 1 - count]->size();
    if (bytes_ + more > limits_.bytes) break;
    bytes_ += more;
    ++count;
  }
  frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(start_));
  start_ = 0;
  const auto fitting = frames.last(count);
  frames_.insert(frames_.begin(), fitting.begin(), fitting.end());
}

FrameBatch TailCache::slice(domain::Seq first_seq, domain::Seq last_seq, std::size_t limit) const {
  FrameBatch out;
  if (!holds(first_seq) || last_seq < first_seq) return out;
  const std::size_t offset = start_ + static_cast<std::size_t>(first_seq - first());
  const auto wanted = static_cast<std::size_t>(std::min<domain::Seq>(last_seq - first_seq + 1, limit));
  const auto count = std::min(wanted, frames_.size() - offset);
  const auto begin = frames_.begin() + static_cast<std::ptrdiff_t>(offset);
  out.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  return out;
}

FramePtr TailCache::find(domain::Seq seq) const {
  return holds(seq) ? frames_[start_ + static_cast<std::size_t>(seq - first())] : nullptr;
}

void TailCache::redact(const domain::CommentId& comment, domain::Seq before) const {
  for (std::size_t i = start_; i < frames_.size(); ++i) redact_text_of(*frames_[i], comment, before);
}

void TailCache::clear() {
  FrameBatch{}.swap(frames_);
  start_ = 0;
  bytes_ = 0;
}

void TailCache::trim() {
  const std::size_t most = std::max(limits_.frames, kAlwaysKept);
  while (size() > most || (size() > kAlwaysKept && bytes_ > limits_.bytes)) {
    bytes_ -= frames_[start_]->size();
    frames_[start_++] = nullptr;
  }
  if (start_ > 32 && start_ > frames_.size() / 2) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
}

}  // namespace danwa::adapters
