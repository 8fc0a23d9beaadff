#include "adapters/delivery/channel_reader.hpp"

#include <algorithm>
#include <utility>

#include "adapters/delivery/removals.hpp"

namespace danwa::adapters {

using domain::Seq;

ChannelReader::ChannelReader(usecase::WatchedChannel watched, usecase::Delivery delivery)
    : channel_{std::move(watched.channel)}, delivery_{delivery} {
  if (watched.after) after_ = watched.after->seq;
}

bool ChannelReader::start(const domain::Epoch& epoch, Seq head, bool reset) {
  if (started_) return false;
  epoch_ = epoch;
  started_ = true;
  known_head_ = std::max(known_head_, head);
  if (reset) {
    start_over(head);
  } else {
    next_seq_ = after_.value_or(head) + 1;
    buffer_.drop_below(next_seq_);
  }
  return true;
}

void ChannelReader::restart() {
  next_seq_ = known_head_ = 0;
  buffer_.clear();
  ephemeral_.reset();
  reading_.reset();
  started_ = ask_master_ = false;
}

bool ChannelReader::hear(Seq seq) {
  known_head_ = std::max(known_head_, seq);
  return seq >= next_seq_;
}

void ChannelReader::redact(const domain::CommentId& comment, domain::Seq before) const {
  for (std::size_t i = 0; i < buffer_.size(); ++i) redact_text_of(*buffer_.at(i), comment, before);
}

bool ChannelReader::answer(const Page& page) {
  if (!reading_ || reading_->id != page.request) return false;
  reading_.reset();
  known_head_ = std::max(known_head_, page.head);
  const bool ended_early = page.frames.empty() || page.frames.back()->seq() < page.last;
  ask_master_ = ended_early && page.source == PageSource::replica;
  if (page.frames.empty() && page.source == PageSource::master) {
    start_over(page.head);  // the log has not, or no longer, what is missing: never a silent hole
    return false;
  }
  if (!latest()) return true;
  buffer_.prepend(page.frames);
  buffer_.drop_below(next_seq_);
  return false;
}

void ChannelReader::take_page(std::span<const FramePtr> frames, FrameBatch& out, AccessGate* gate) {
  for (const auto& frame : frames) {
    if (frame->seq() != next_seq_ || out.size() == kBatch) continue;
    if (gate != nullptr) {
      if (!gate->admits(next_seq_)) break;
      gate->handed_out(*frame);
    }
    out.push_back(frame);
    ++next_seq_;
  }
  buffer_.drop_below(next_seq_);
}

Seq ChannelReader::take_waiting(FrameBatch& out, AccessGate* gate, const FrameEncoder& encoder) {
  if (buffer_.empty() || out.size() >= kBatch) return 0;
  if (gate != nullptr && !gate->admits(buffer_.first())) return 0;
  const Seq missed = buffer_.first() - next_seq_;
  if (missed != 0) {
    if (!latest() || reading_) return 0;
    out.reserve(out.size() + buffer_.size() + 1);
    const UpdatesMissed range{channel_, next_seq_, buffer_.first() - 1};
    out.push_back(std::make_shared<const Frame>(range, encoder));
    next_seq_ = buffer_.first();
  }
  out.reserve(out.size() + buffer_.size());
  const std::size_t before = buffer_.size();
  if (gate == nullptr) {
    buffer_.take(kBatch - out.size(), out);
  } else {
    take_admitted(out, *gate);
  }
  next_seq_ += before - buffer_.size();
  return missed;
}

void ChannelReader::take_admitted(FrameBatch& out, AccessGate& gate) {
  while (!buffer_.empty() && out.size() < kBatch && gate.admits(buffer_.first())) {
    gate.handed_out(*buffer_.at(0));
    buffer_.take(1, out);
  }
}

bool ChannelReader::kept_back_by(const AccessGate& gate) const {
  const bool something = !buffer_.empty() || next_seq_ <= known_head_;
  return started_ && something && !gate.admits(coming());
}

bool ChannelReader::keep(const FramePtr& ephemeral) {
  if (started_) ephemeral_ = ephemeral;
  return started_;
}

std::optional<PageRequest> ChannelReader::next_page(const AccessGate* gate) {
  if (live() || !started_ || reading_ || (gate != nullptr && !gate->admits(coming()))) return std::nullopt;
  const Seq end = buffer_.empty() ? known_head_ : buffer_.first() - 1;
  PageRequest request{++requests_, next_seq_, std::min(end, next_seq_ + kBatch - 1),
                      ask_master_ ? usecase::ReadFrom::master : usecase::ReadFrom::replica};
  if (latest()) {
    request.last = end;
    request.first = std::max(next_seq_, end < kBatch ? 1 : end - kBatch + 1);
  }
  reading_ = request;
  return request;
}

void ChannelReader::start_over(Seq head) {
  reset_due_ = true;
  next_seq_ = head + 1;
  known_head_ = head;
  buffer_.drop_below(next_seq_);
  if (!buffer_.empty()) known_head_ = buffer_.last();
}

}  // namespace danwa::adapters
