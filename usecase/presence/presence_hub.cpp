#include "usecase/presence/presence_hub.hpp"

#include <algorithm>

namespace danwa::presence {

// Three clocks meet here: watches begin and end on any thread, notes come from the bus, and time passes. Callers change
// the shard of their conversation under its lock and never send anything. The table with its streams belongs to the
// stepping thread alone. `step` takes the news out of the shards, one after the other, and puts the people of other
// nodes into them. So a thousand watches of different conversations, which begin on many threads, do not wait for each
// other, and never for a step.
//
// `woken_` says that the stepping thread will look again. A caller wakes it only if its change leaves work and nobody
// has done so since the last step began, so most calls cost no wake-up. The exchange at the begin of a step makes the
// changes of all callers visible that found it set.
//
// Notes have an inbox and a lock of their own: the bus's threads never wait for a step. A full inbox drops notes, which
// is harmless: a later beat shows the gap, and the node asks for the missing part.

PresenceHub::PresenceHub(Needs needs)
    : figures_{needs.figures},
      encoder_{needs.encoder},
      wake_{std::move(needs.wake)},
      table_{std::move(needs.self), needs.options, shards_} {}

void PresenceHub::connect(delivery::PeerBus* peers, delivery::BusListener& watchers) {
  peers_ = peers;
  watchers_ = &watchers;
}

void PresenceHub::wake() {
  if (!woken_.exchange(true) && wake_) wake_();
}

void PresenceHub::begin(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person) {
  if (shards_.of(conversation).begin(conversation, person, alone_.load())) wake();
}

void PresenceHub::end(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person) {
  if (shards_.of(conversation).end(conversation, person, last_step())) wake();
}

delivery::FramePtr PresenceHub::frame_of(const domain::ChannelKey& conversation) {
  PresenceShard& shard = shards_.of(conversation);
  if (auto shown = shard.shown(conversation)) return shown;
  return make_frame(conversation, shard.page(conversation, std::nullopt, kNames));
}

delivery::FramePtr PresenceHub::greeting(const domain::ChannelKey& conversation,
                                         const std::optional<domain::UserId>& person) {
  const auto page = known(conversation, std::nullopt, 1);
  if (!page || page->count == 0 || (page->count == 1 && person == page->users.front())) return nullptr;
  return frame_of(conversation);
}

delivery::FramePtr PresenceHub::make_frame(const domain::ChannelKey& conversation, const Page& page) const {
  return std::make_shared<const delivery::Frame>(delivery::PresenceChanged{conversation, page.count, page.users},
                                                 encoder_);
}

std::optional<usecase::Presence::Page> PresenceHub::known(const domain::ChannelKey& conversation,
                                                          const std::optional<domain::UserId>& after,
                                                          std::size_t limit) {
  PresenceShard& shard = shards_.of(conversation);
  if (!alone_.load() && !shard.covered(conversation)) return std::nullopt;
  return shard.page(conversation, after, limit);
}

/// A read makes the conversation wanted, so the other nodes send its people.
usecase::Async<usecase::Presence::Page> PresenceHub::present(domain::ChannelKey conversation,
                                                             std::optional<domain::UserId> after, std::size_t limit) {
  PresenceShard& shard = shards_.of(conversation);
  if (!alone_.load()) {
    if (shard.read(conversation, last_step())) wake();
    auto start = [&shard, &conversation](auto resume) { shard.wait(conversation, std::move(resume)); };
    if (!shard.covered(conversation)) co_await usecase::suspend_until<bool>(std::move(start));
  }
  co_return shard.page(conversation, after, limit);
}

void PresenceHub::on_presence(delivery::PeerAddress from, std::string note) {
  std::unique_lock lock{inbox_mutex_};
  if (inbox_bytes_ + note.size() > kMaxInbox) return;  // this node will ask for its content again
  inbox_bytes_ += note.size();
  inbox_.push_back({std::move(from), std::move(note)});
  const bool first = inbox_.size() == 1;
  lock.unlock();
  if (first) wake();
}

std::vector<PresenceHub::Heard> PresenceHub::take_inbox() {
  const std::lock_guard lock{inbox_mutex_};
  inbox_bytes_ = 0;
  return std::exchange(inbox_, {});
}

PresenceHub::Time PresenceHub::step(Time now) {
  woken_.exchange(false);
  last_step_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  receive(now);
  gather(now);
  table_.tick(now);
  alone_.store(table_.nodes() == 0);
  for (const auto& channel : table_.take_covered()) shards_.of(channel).cover(channel, now);
  show_changes(now);
  send(table_.take_notes(now));
  count();
  return next_due();
}

void PresenceHub::receive(Time now) {
  for (const auto& [from, note] : take_inbox()) {
    if (!table_.receive(from, note, now)) figures_.bus_unexpected.add();
  }
}

void PresenceHub::gather(Time now) {
  for (auto& shard : shards_) {
    const auto news = shard.take_news(now);
    for (const auto& [channel, wanted] : news.wanted) table_.set_wanted(channel, wanted, now);
    for (const auto& [entry, present] : news.present) table_.set_present(entry, present);
  }
}

/// A frame is made without the lock. It may be old then, but in that case its conversation has changed again, and is
/// shown once more.
void PresenceHub::show_changes(Time now) {
  for (auto& shard : shards_) {
    for (const auto& channel : shard.take_due(now)) {
      const auto page = shard.page(channel, std::nullopt, kNames);
      auto frame = make_frame(channel, page);
      if (shard.show(channel, frame, page, now)) watchers_->on_frame(std::move(frame));
    }
  }
}

PresenceHub::Time PresenceHub::next_due() {
  Time due = table_.next_due();
  for (const auto& shard : shards_) due = std::min(due, shard.next_due());
  return due;
}

void PresenceHub::count() {
  std::size_t people = 0;
  for (const auto& shard : shards_) people += shard.size();
  figures_.presence_entries.set(static_cast<std::int64_t>(people));
  figures_.presence_nodes.set(static_cast<std::int64_t>(table_.nodes()));
  figures_.presence_left_out.set(static_cast<std::int64_t>(table_.left_out()));
  const std::uint64_t names = table_.names_heard();
  figures_.presence_names_in.add(names - std::exchange(names_counted_, names));
}

void PresenceHub::send(std::vector<OutgoingNote> messages) {
  if (peers_ == nullptr) return;
  for (auto& [to, note] : messages) {
    if (to.empty()) {
      peers_->broadcast_presence(std::move(note));
    } else {
      peers_->tell(to, std::move(note));
    }
  }
}

void PresenceHub::close() {
  send(table_.close());
  alone_.store(true);
  for (auto& shard : shards_) shard.close();
}

}  // namespace danwa::presence
