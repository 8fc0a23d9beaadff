#include "adapters/delivery/sequencer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace danwa::adapters {

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

}  // namespace danwa::adapters
