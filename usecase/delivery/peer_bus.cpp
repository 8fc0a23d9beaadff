#include "usecase/delivery/peer_bus.hpp"

#include <algorithm>
#include <utility>

#include "usecase/delivery/bus_envelope.hpp"

// A queue per peer bounds what a slow or stopped node costs the others. It loses the oldest events first, because the
// newest ones are what live watchers wait for, and the log has the others. A loss is never silent: it leaves a mark
// "check the log" with the channel's name, and marks travel before events. When the names would need too much memory
// they become one mark for all channels. The window of unacknowledged events is needed because BASP has no flow
// control.

namespace danwa::delivery {
namespace {

constexpr std::size_t kBookkeeping = 96;       // deque entry, control block, string heads
constexpr std::size_t kMarkBytes = 64 * 1024;  // of all remembered channel names

std::size_t cost(const BusEvent& event) { return event.channel.size() + event.body.size() + kBookkeeping; }

}  // namespace

BusEventPtr BusEvent::of(const Frame& frame, std::string_view database) {
  std::string channel = frame.channel().to_string();
  std::string body = encode_body(*frame.update(), channel, frame.epoch(), database);
  return std::make_shared<const BusEvent>(BusEvent{std::move(channel), std::move(body)});
}

/// Makes room for the event by dropping the oldest ones. An event that no room can be made for is dropped itself.
void RelayQueue::push(BusEventPtr event) {
  const std::size_t size = cost(*event);
  ++last_seq_;
  while (!queue_.empty() && (queue_.size() >= limits_.queue || no_room_for(size))) drop_oldest();
  const bool sendable = event->body.size() <= kMaxEnvelopeText && limits_.queue > 0;
  if (!sendable || no_room_for(size)) {
    note_drop(*event);
    return;
  }
  queued_bytes_ += size;
  queue_.push_back({last_seq_, std::move(event)});
}

std::optional<RelayQueue::Batch> RelayQueue::take() {
  if (!has_work() || in_flight_ >= limits_.credit) return std::nullopt;
  const std::size_t most = std::min(limits_.batch_events, limits_.credit - in_flight_);
  Batch batch;
  batch.number = ++last_number_;
  const std::size_t queued_before = queued_bytes_;
  const std::size_t marks = take_marks(batch.bytes, most);
  batch.events = take_events(batch.bytes, most - marks);
  sent_.push_back({batch.number, marks + batch.events, queued_before - queued_bytes_});
  in_flight_ += sent_.back().entries;
  in_flight_bytes_ += sent_.back().bytes;
  return batch;
}

bool RelayQueue::acknowledge(std::uint64_t number) {
  if (sent_.empty() || number < sent_.front().number || number > sent_.back().number) return false;
  while (!sent_.empty() && sent_.front().number <= number) {
    in_flight_ -= sent_.front().entries;
    in_flight_bytes_ -= sent_.front().bytes;
    sent_.pop_front();
  }
  return true;
}

bool RelayQueue::no_room_for(std::size_t size) const { return bytes() + size > limits_.bytes; }

void RelayQueue::drop_oldest() {
  const Queued oldest = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= cost(*oldest.event);
  note_drop(*oldest.event);
}

void RelayQueue::note_drop(const BusEvent& event) {
  ++dropped_;
  mark(event.channel);
}

void RelayQueue::mark(const std::string& channel) {
  if (mark_all_ || marks_.contains(channel)) return;
  marks_.insert(channel);
  mark_bytes_ += channel.size();
  if (marks_.size() <= limits_.marks && mark_bytes_ <= kMarkBytes) return;
  mark_all_ = true;
  marks_.clear();
  mark_bytes_ = 0;
}

std::size_t RelayQueue::take_marks(std::string& out, std::size_t most) {
  if (mark_all_) {
    append_envelope(out, 0, encode_mark("", ""));
    mark_all_ = false;
    return 1;
  }
  std::size_t taken = 0;
  for (; taken < most && !marks_.empty() && out.size() < limits_.batch_bytes; ++taken) {
    const auto mark = marks_.begin();
    append_envelope(out, 0, encode_mark(*mark, ""));
    mark_bytes_ -= mark->size();
    marks_.erase(mark);
  }
  return taken;
}

std::size_t RelayQueue::take_events(std::string& out, std::size_t most) {
  std::size_t taken = 0;
  for (; taken < most && !queue_.empty(); ++taken) {
    const auto& [seq, event] = queue_.front();
    const bool fits = out.size() + kEnvelopePrefix + event->body.size() <= limits_.batch_bytes;
    if (!fits && !out.empty()) break;
    append_envelope(out, seq, event->body);
    queued_bytes_ -= cost(*event);
    queue_.pop_front();
  }
  return taken;
}

}  // namespace danwa::delivery
