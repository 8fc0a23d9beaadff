#include "adapters/presence/presence_hub.hpp"

#include <algorithm>
#include <utility>

namespace danwa::adapters {

// Three clocks meet here: watches begin and end on any thread, notes come from the bus, and time passes. Callers change
// the table under `mutex_` and never send anything. `step` takes the results out under the lock and sends them without
// it. `promised_` is the time at which `step` will run next; a caller wakes the stepping thread only if its change is
// due earlier, so most calls cost no wake-up.
//
// Notes have an inbox and a lock of their own: the bus's threads never wait for a step. A full inbox drops notes, which
// is harmless: a later beat shows the gap, and the node asks for the missing part.

PresenceHub::PresenceHub(Needs needs)
    : figures_{needs.figures},
      encoder_{needs.encoder},
      wake_{std::move(needs.wake)},
      table_{std::move(needs.self), needs.options} {}

void PresenceHub::connect(PeerBus* peers, BusListener& watchers) {
  peers_ = peers;
  watchers_ = &watchers;
}

void PresenceHub::begin(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person) {
  std::unique_lock lock{mutex_};
  rooms_.open(conversation, person);
  if (person) table_.enter({conversation, *person});
  wake_if_due(std::move(lock));
}

void PresenceHub::end(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person) {
  std::unique_lock lock{mutex_};
  rooms_.close(conversation);
  if (person) table_.leave({conversation, *person});
  wake_if_due(std::move(lock));
}

void PresenceHub::wake_if_due(std::unique_lock<std::mutex> lock) {
  const Time due = next_due();
  if (due >= promised_) return;
  promised_ = due;
  lock.unlock();
  if (wake_) wake_();
}

PresenceHub::Time PresenceHub::next_due() const {
  if (table_.people().changed()) return Time::min();
  return std::min(table_.next_due(), rooms_.next_due().value_or(Time::max()));
}

FramePtr PresenceHub::frame_of(const domain::ChannelKey& conversation) {
  const std::lock_guard lock{mutex_};
  if (auto shown = rooms_.shown(conversation)) return shown;
  return make_frame(conversation, table_.people().page(conversation, nullptr, kNames));
}

FramePtr PresenceHub::greeting(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person) {
  {
    const std::lock_guard lock{mutex_};
    const auto page = table_.people().page(conversation, nullptr, 1);
    if (page.count == 0 || (page.count == 1 && person == page.users.front())) return nullptr;
  }
  return frame_of(conversation);
}

FramePtr PresenceHub::make_frame(const domain::ChannelKey& conversation, const Page& page) const {
  return std::make_shared<const Frame>(PresenceChanged{conversation, page.count, page.users}, encoder_);
}

usecase::Presence::Page PresenceHub::present(const domain::ChannelKey& conversation,
                                             const std::optional<domain::UserId>& after, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  return table_.people().page(conversation, after ? &*after : nullptr, limit);
}

void PresenceHub::on_presence(std::string note) {
  std::unique_lock lock{inbox_mutex_};
  if (inbox_bytes_ + note.size() > kMaxInbox) return;  // this node will ask for its content again
  inbox_bytes_ += note.size();
  inbox_.push_back(std::move(note));
  const bool first = inbox_.size() == 1;
  lock.unlock();
  if (first && wake_) wake_();
}

std::vector<std::string> PresenceHub::take_inbox() {
  const std::lock_guard lock{inbox_mutex_};
  inbox_bytes_ = 0;
  return std::exchange(inbox_, {});
}

PresenceHub::Time PresenceHub::step(Time now) {
  for (const auto& note : take_inbox()) {
    const std::lock_guard lock{mutex_};
    if (!table_.receive(note, now)) figures_.bus_unexpected.add();
  }
  send(advance(now));
  const std::lock_guard lock{mutex_};
  return promised_ = next_due();
}

PresenceHub::Work PresenceHub::advance(Time now) {
  Work work;
  const std::lock_guard lock{mutex_};
  table_.tick(now);
  show_changes(now, work.frames);
  work.notes = table_.take_notes(now);
  count();
  return work;
}

void PresenceHub::show_changes(Time now, FrameBatch& frames) {
  for (const auto& channel : table_.take_changed()) rooms_.change(channel, now);
  for (const auto& channel : rooms_.take_due(now)) {
    const auto page = table_.people().page(channel, nullptr, kNames);
    auto frame = make_frame(channel, page);
    if (rooms_.show(channel, frame, page, now)) frames.push_back(std::move(frame));
  }
}

void PresenceHub::count() {
  figures_.presence_entries.set(static_cast<std::int64_t>(table_.people().size()));
  figures_.presence_nodes.set(static_cast<std::int64_t>(table_.nodes()));
  figures_.presence_left_out.set(static_cast<std::int64_t>(table_.left_out()));
}

void PresenceHub::send(Work work) {
  for (auto& frame : work.frames) watchers_->on_frame(std::move(frame));
  if (peers_ == nullptr) return;
  for (auto& note : work.notes) peers_->broadcast_presence(std::move(note));
}

void PresenceHub::close() {
  std::unique_lock lock{mutex_};
  Work last{table_.close(), {}};
  lock.unlock();
  send(std::move(last));
}

}  // namespace danwa::adapters
