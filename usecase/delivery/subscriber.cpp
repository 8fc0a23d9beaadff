#include "usecase/delivery/subscriber.hpp"

#include <algorithm>

#include "usecase/delivery/tail_cache.hpp"

namespace danwa::delivery {

using domain::Seq;

// A watcher must receive the numbers n, n+1, n+2 ... of a channel, whatever the bus loses, doubles or delays. Two
// numbers decide everything. `next_seq_` is the next number that the socket must receive. `known_head_` is the highest
// number that anybody has named.
//
//           start          a hole, or the buffer slides
//     new ─────────> live ──────────────────────────────> behind
//      ^               ^                                     │
//      │               └──── the pages meet the buffer ──────┘
//      └── restart, from any state: the log was replaced
//
// Nothing is sent twice: updates leave only by take_page() and take_waiting(), and both move `next_seq_` past each one.
// Nothing is lost: while `next_seq_` is missing, live() is false and next_page() asks the log. A hole that no page can
// close becomes a frame of its own, UpdatesMissed or Reset.

ChannelReader::ChannelReader(usecase::WatchedChannel watched, usecase::Delivery delivery, WatchBounds bounds)
    : channel_{std::move(watched.channel)}, buffer_{bounds.slots}, delivery_{delivery}, batch_{bounds.batch} {
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
    // Updates announced since the registration are in the buffer already, so none falls between it and the head.
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
  if (!reading_ || reading_->id != page.request) return false;  // asked before a restart
  reading_.reset();
  known_head_ = std::max(known_head_, page.head);
  // A replica may be behind the log, so what is missing from its short page is asked of the master. An empty page of
  // the master means that the updates do not exist.
  const bool ended_early = page.frames.empty() || page.frames.back()->seq() < page.last;
  ask_master_ = ended_early && page.source == PageSource::replica;
  if (page.frames.empty() && page.source == PageSource::master) {
    start_over(page.head);  // a visible reset, never a silent hole
    return false;
  }
  if (!latest()) return true;
  buffer_.prepend(page.frames);
  buffer_.drop_below(next_seq_);
  return false;
}

void ChannelReader::take_page(std::span<const FramePtr> frames, FrameBatch& out, AccessGate* gate) {
  for (const auto& frame : frames) {
    if (frame->seq() != next_seq_ || out.size() == batch_) continue;
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
  if (buffer_.empty() || out.size() >= batch_) return 0;
  if (gate != nullptr && !gate->admits(buffer_.first())) return 0;
  const Seq missed = buffer_.first() - next_seq_;
  if (missed != 0) {
    if (!latest() || reading_) return 0;  // the page may fill the hole, or a part of it
    out.reserve(out.size() + buffer_.size() + 1);
    const UpdatesMissed range{channel_, next_seq_, buffer_.first() - 1};
    out.push_back(std::make_shared<const Frame>(range, encoder));
    next_seq_ = buffer_.first();
  }
  out.reserve(out.size() + buffer_.size());
  const std::size_t before = buffer_.size();
  if (gate == nullptr) {
    buffer_.take(batch_ - out.size(), out);
  } else {
    take_admitted(out, *gate);
  }
  next_seq_ += before - buffer_.size();
  return missed;
}

void ChannelReader::take_admitted(FrameBatch& out, AccessGate& gate) {
  while (!buffer_.empty() && out.size() < batch_ && gate.admits(buffer_.first())) {
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
  // The page ends where the buffer begins, so nothing is read that is held already.
  const Seq end = buffer_.empty() ? known_head_ : buffer_.first() - 1;
  PageRequest request{++requests_, next_seq_, std::min(end, next_seq_ + batch_ - 1),
                      ask_master_ ? usecase::ReadFrom::master : usecase::ReadFrom::replica};
  if (latest()) {  // only the newest updates that fit before the buffer; the others count as missed
    request.last = end;
    request.first = std::max(next_seq_, end < batch_ ? 1 : end - batch_ + 1);
  }
  reading_ = request;
  return request;
}

/// Continues behind `head`, which may be lower than before. Updates of the buffer above it are newer than the answer
/// that named it, so they stay.
void ChannelReader::start_over(Seq head) {
  reset_due_ = true;
  next_seq_ = head + 1;
  known_head_ = head;
  buffer_.drop_below(next_seq_);
  if (!buffer_.empty()) known_head_ = buffer_.last();
}

namespace {

MergedPosition merged_position(const std::vector<ChannelReader>& readers) {
  MergedPosition position;
  position.cursor.epoch = readers.front().epoch();
  for (const auto& reader : readers) {
    position.channels.push_back(reader.channel().local_name());
    position.cursor.seqs.emplace(position.channels.back(), reader.position());
  }
  return position;
}

}  // namespace

// A Subscriber gives all readers of a watch the one transport that they share. Every event changes a reader and ends in
// pump(). If the transport is ready, pump() adds to the batch: `watching` and `reset`, the page that came while the
// transport was busy, the buffers, and presence if nothing else waits. A hand-over ends the readiness until the
// transport says it again. So at most one batch is on its way to a socket, however slow it is.

Subscriber::Subscriber(usecase::Watch watch, const std::string& node, const FrameEncoder& encoder,
                       DeliveryFigures& figures, WatchBounds bounds)
    : node_{node}, encoder_{encoder}, figures_{figures}, batch_{bounds.batch} {
  merged_ = watch.merged || watch.channels.size() > 1;
  if (watch.guard) gate_ = std::make_unique<AccessGate>(std::move(*watch.guard));
  readers_.reserve(watch.channels.size());
  for (auto& channel : watch.channels) readers_.emplace_back(std::move(channel), watch.delivery, bounds);
  figures_.watchers_behind.add();
}

Subscriber::~Subscriber() { (shown_live_ ? figures_.watchers_live : figures_.watchers_behind).sub(); }

Subscriber::Outcome Subscriber::started(const domain::Epoch& epoch, domain::Seq head, bool reset, Slot slot) {
  Outcome out;
  if (ended_ || !readers_[slot].start(epoch, head, reset)) return out;
  if (auto* const gate = gate_of(slot)) gate->started(epoch, head);
  skip(slot);
  align();
  pump(out);
  return out;
}

Subscriber::Outcome Subscriber::restarted(Slot slot) {
  readers_[slot].restart();
  if (auto* const gate = gate_of(slot)) gate->restarted();
  if (held_slot_ == slot) held_.clear();
  align();
  show_status();
  return {};
}

Subscriber::Outcome Subscriber::announced(std::span<const FramePtr> frames) {
  Outcome out;
  ChannelReader* const reader = frames.empty() ? nullptr : find(frames.front()->channel());
  if (reader == nullptr) return out;
  for (const auto& frame : frames) accept(*reader, frame, out);
  pump(out);
  return out;
}

Subscriber::Outcome Subscriber::page(const Page& page, Slot slot) {
  Outcome out;
  if (ended_) return out;
  if (ChannelReader& reader = readers_[slot]; reader.answer(page)) {
    if (transport_ready_ && aligned_) {
      reader.take_page(page.frames, out.deliver, gate_of(slot));
    } else {
      held_ = page.frames;  // other channels have used the readiness meanwhile
      held_slot_ = slot;
    }
  }
  skip(slot);
  pump(out);
  return out;
}

Subscriber::Outcome Subscriber::log_unavailable() { return end(WatchCloseReason::unavailable); }

Subscriber::Outcome Subscriber::access(std::uint32_t check, const std::optional<usecase::AccessCheck::Answer>& answer) {
  Outcome out;
  if (!gate_ || ended_ || !gate_->awaits(check)) return out;
  if (!answer) return end(WatchCloseReason::unavailable);
  if (!gate_->answer(*answer)) return end(WatchCloseReason::forbidden);
  pump(out);
  return out;
}

/// The reader may have passed over updates (a start, a reset). The gate must know that it will never see them.
void Subscriber::skip(Slot slot) {
  if (auto* const gate = gate_of(slot)) gate->skipped_to(readers_[slot].position() + 1);
}

Subscriber::Outcome Subscriber::end(WatchCloseReason reason) {
  Outcome out;
  if (!std::exchange(ended_, true)) out.end = reason;
  return out;
}

Subscriber::Outcome Subscriber::ready() {
  Outcome out;
  transport_ready_ = true;
  pump(out);
  return out;
}

/// An idle reader needs no message from its transport. A check of its gate does not wait for the transport either.
bool Subscriber::waits_for_transport() const {
  if (ended_ || transport_ready_ || !aligned_) return false;
  if (say_watching_ || ephemerals_ || !held_.empty()) return true;
  return std::any_of(readers_.begin(), readers_.end(),
                     [](const auto& reader) { return reader.reset_due() || !reader.idle(); });
}

ChannelReader* Subscriber::find(const domain::ChannelKey& channel) {
  if (readers_.size() == 1) return &readers_.front();
  const auto is_it = [&channel](const auto& reader) { return reader.channel() == channel; };
  const auto found = std::find_if(readers_.begin(), readers_.end(), is_it);
  return found == readers_.end() ? nullptr : &*found;
}

void Subscriber::accept(ChannelReader& reader, const FramePtr& frame, Outcome& out) {
  if (frame->kind() == FrameKind::ephemeral) {
    ephemerals_ |= reader.keep(frame);
    return;
  }
  if (gate_ && &reader == &readers_.front()) gate_->announced(*frame);
  if (frame->takes_text()) {
    reader.redact(*frame->comment(), frame->seq());
    for (const auto& held : held_) redact_text_of(*held, *frame->comment(), frame->seq());
  }
  if (!reader.hear(frame->seq())) return;
  if (reader.ring_full()) pump(out);  // a transport that is ready takes the oldest before they slide out
  if (reader.push(frame) == SlidingBuffer::Push::slid) figures_.ring_drops.add();
}

/// Each channel learns of a new log by itself. A cursor has one epoch, so nothing goes out until all agree.
void Subscriber::align() {
  const auto& epoch = readers_.front().epoch();
  aligned_ = std::all_of(readers_.begin(), readers_.end(),
                         [&epoch](const auto& reader) { return reader.started() && reader.epoch() == epoch; });
}

void Subscriber::pump(Outcome& out) {
  if (aligned_ && transport_ready_ && !ended_) {
    say_position(out.deliver);
    take_waiting(out.deliver);
    if (ephemerals_) take_ephemerals(out.deliver);
    request_page(out);
    if (!out.deliver.empty()) hand_over(out);
  }
  if (gate_ && !ended_) ask(out);
  show_status();
}

void Subscriber::say_position(FrameBatch& out) {
  const auto resets = [](const auto& reader) { return reader.reset_due(); };
  if (!say_watching_ && std::none_of(readers_.begin(), readers_.end(), resets)) return;
  const ChannelReader& first = readers_.front();
  WatchPosition position = domain::Cursor{first.epoch(), first.position()};
  if (merged_) position = merged_position(readers_);
  const auto push = [&](FrameContent content) {
    out.push_back(std::make_shared<const Frame>(std::move(content), encoder_));
  };
  if (std::exchange(say_watching_, false)) push(Watching{first.channel(), position, node_});
  for (auto& reader : readers_) {
    if (out.size() < batch_ && reader.take_reset()) push(Reset{reader.channel(), position});
  }
}

void Subscriber::take_waiting(FrameBatch& out) {
  const auto count = readers_.size();
  const std::size_t first = turn_;
  for (std::size_t i = 0; i < count && out.size() < batch_; ++i) {
    const std::size_t slot = (first + i) % count;
    ChannelReader& reader = readers_[slot];
    if (reader.reset_due()) continue;  // its `reset` did not fit into this batch and must go first
    const std::size_t before = out.size();
    if (held_slot_ == slot && !held_.empty()) take_held(out);
    if (const auto missed = reader.take_waiting(out, gate_of(slot), encoder_); missed != 0)
      figures_.updates_missed.add(missed);
    if (out.size() != before) turn_ = static_cast<Slot>((slot + 1) % count);
  }
}

/// Keeps the page while its next update still waits in it, for the gate or for a place in a batch.
void Subscriber::take_held(FrameBatch& out) {
  ChannelReader& reader = readers_[held_slot_];
  reader.take_page(held_, out, gate_of(held_slot_));
  const auto next = reader.position() + 1;
  if (held_.back()->seq() < next || next < held_.front()->seq()) held_ = {};
}

/// Presence goes out when no update waits in any channel: the newest frame wins, so waiting costs nothing.
void Subscriber::take_ephemerals(FrameBatch& out) {
  if (!std::all_of(readers_.begin(), readers_.end(), [](const auto& reader) { return reader.idle(); })) return;
  ephemerals_ = false;
  for (std::size_t slot = 0; slot < readers_.size(); ++slot) {
    ChannelReader& reader = readers_[slot];
    if (!reader.has_ephemeral()) continue;
    const auto* const gate = gate_of(slot);
    if (out.size() < batch_ && (gate == nullptr || gate->settled())) {
      out.push_back(reader.take_ephemeral());
    } else {
      ephemerals_ = true;
    }
  }
}

/// One page at a time bounds the memory of a watcher. The turn moves on, so no channel starves another. A watch of one
/// channel asks only while its transport is ready, so the page can go straight out.
void Subscriber::request_page(Outcome& out) {
  if (!held_.empty() || (readers_.size() == 1 && !out.deliver.empty())) return;
  const auto reads = [](const auto& reader) { return reader.reading(); };
  if (std::any_of(readers_.begin(), readers_.end(), reads)) return;
  for (std::size_t i = 0; i < readers_.size() && !out.read; ++i) {
    const std::size_t slot = (page_turn_ + i) % readers_.size();
    out.read = readers_[slot].next_page(gate_of(slot));
    if (out.read) out.read->slot = static_cast<Slot>(slot);
  }
  if (out.read) page_turn_ = static_cast<Slot>((out.read->slot + 1u) % readers_.size());
}

/// Access is checked when the gate asks for it, even if the transport is not ready: a watcher whose socket is stuck
/// must be closed in time too.
void Subscriber::ask(Outcome& out) {
  const ChannelReader& reader = readers_.front();
  const bool keeps = reader.kept_back_by(*gate_) || (reader.has_ephemeral() && !gate_->settled());
  if (auto check = gate_->question(reader.position() + 1, transport_ready_, transport_ready_ && aligned_ && keeps)) {
    out.check = check;
  }
}

void Subscriber::hand_over(Outcome& out) {
  transport_ready_ = false;
  figures_.frames_delivered.add(out.deliver.size());
}

void Subscriber::show_status() {
  const bool live = std::all_of(readers_.begin(), readers_.end(), [](const auto& reader) { return reader.live(); });
  if (live == shown_live_) return;
  shown_live_ = live;
  (live ? figures_.watchers_live : figures_.watchers_behind).add();
  (live ? figures_.watchers_behind : figures_.watchers_live).sub();
}

}  // namespace danwa::delivery
