#include "usecase/delivery/tail_cache.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace danwa::delivery {

// The parts that a router keeps for each channel, in the order in which an update passes them.
//
// - Removals: a page that was read before a removal may arrive after it. The list names the texts that such a page must
//   not show.
// - Sequencer: each update that goes out has a higher number than all before it, so none is announced twice. Holes are
//   allowed, because an update that never comes must not stop the channel. Watchers fill them from the log.
// - TailCache: one run of the newest updates without holes, so a number is an index, and a look-up needs no search.

void redact_text_of(const Frame& frame, const domain::CommentId& comment, domain::Seq before) {
  const auto* const about = frame.comment();
  if (about != nullptr && *about == comment && frame.seq() < before) frame.redact();
}

void Removals::remember(const domain::CommentId& comment, Time now, domain::Seq before) {
  const auto young =
      std::find_if(list_.begin(), list_.end(), [now](const Removal& r) { return now - r.at <= kMaxAge; });
  list_.erase(list_.begin(), young);
  const auto known = std::find_if(list_.begin(), list_.end(), [&](const Removal& r) { return r.comment == comment; });
  if (known != list_.end()) {
    if (before <= known->before) return;  // a late frame of an earlier edit
    list_.erase(known);
  }
  if (list_.size() == kMax) list_.erase(list_.begin());
  list_.push_back(Removal{comment, now, before});
}

void Removals::screen(const Frame& frame) const {
  if (list_.empty() || !frame.comment()) return;
  const auto removed = [&](const Removal& r) { return r.comment == *frame.comment() && frame.seq() < r.before; };
  if (std::any_of(list_.begin(), list_.end(), removed)) frame.redact();
}

void Sequencer::start_at(domain::Seq head) {
  assert(!known_ && early_.empty());
  known_ = true;
  head_ = head;
}

void Sequencer::reset() {
  known_ = false;
  head_ = 0;
  early_.clear();
}

/// The first update of an unknown channel goes out at once and makes the head known. Later, one that continues the head
/// goes out with those that waited for it, and one that leaves a hole waits. When more than kMaxEarly wait, all go: the
/// log has those that they waited for.
void Sequencer::take(FramePtr frame, Time now, FrameBatch& out) {
  const domain::Seq seq = frame->seq();
  if (known_ && seq <= head_) return;
  if (!known_ || seq == head_ + 1) {
    known_ = true;
    head_ = seq;
    out.push_back(std::move(frame));
    drain_joined(out);
    return;
  }
  early_.try_emplace(seq, Early{std::move(frame), now});
  if (early_.size() > kMaxEarly) drain_through(early_.rbegin()->first, out);
}

/// Everything up to the last update whose time is over goes out, younger ones below it too: order matters more than
/// their own waiting time.
void Sequencer::release(Time now, FrameBatch& out) {
  domain::Seq last = 0;
  for (const auto& [seq, early] : early_) {
    if (early.since + kHold <= now) last = seq;
  }
  if (last == 0) return;
  drain_through(last, out);
  drain_joined(out);
}

std::optional<Time> Sequencer::due() const {
  if (early_.empty()) return std::nullopt;
  const auto older = [](const auto& a, const auto& b) { return a.second.since < b.second.since; };
  return std::min_element(early_.begin(), early_.end(), older)->second.since + kHold;
}

FramePtr Sequencer::held(domain::Seq seq) const {
  const auto found = early_.find(seq);
  return found == early_.end() ? nullptr : found->second.frame;
}

void Sequencer::redact(const domain::CommentId& comment, domain::Seq before) const {
  for (const auto& [seq, early] : early_) redact_text_of(*early.frame, comment, before);
}

void Sequencer::drain_joined(FrameBatch& out) {
  while (!early_.empty() && early_.begin()->first == head_ + 1) drain_through(head_ + 1, out);
}

void Sequencer::drain_through(domain::Seq last, FrameBatch& out) {
  while (!early_.empty() && early_.begin()->first <= last) {
    head_ = early_.begin()->first;
    out.push_back(std::move(early_.begin()->second.frame));
    early_.erase(early_.begin());
  }
}

void TailCache::append(FramePtr frame) {
  if (!empty() && frame->seq() <= last()) return;
  if (!empty() && frame->seq() != last() + 1) clear();
  bytes_ += frame->size();
  frames_.push_back(std::move(frame));
  trim();
}

/// Older updates use free space only. They never push out newer ones, which every watcher that catches up still needs.
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

/// The front is given up by an index, and the vector is compacted only when more than half of it is unused. So an
/// append costs constant time on average, and a slice stays one contiguous copy.
void TailCache::trim() {
  const std::size_t most = std::max(limits_.frames, limits_.always);
  while (size() > most || (size() > limits_.always && bytes_ > limits_.bytes)) {
    bytes_ -= frames_[start_]->size();
    frames_[start_++] = nullptr;
  }
  if (start_ > 32 && start_ > frames_.size() / 2) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
}

}  // namespace danwa::delivery
