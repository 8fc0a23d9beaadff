#include "usecase/presence/presence_hub.hpp"

#include <algorithm>
#include <cassert>

#include "usecase/delivery/subscriber.hpp"

namespace danwa::presence {

// From people to frames. A crowd that comes at once is a thousand changes, and a frame for each of them would cost
// every watcher a thousand frames. So a change only makes its conversation due. The frame that goes out then shows
// everybody who is present at that moment, and all changes until then share it.
//
//     quiet ──change──> due, now or at the end of the pause ──take_due, show──> pause ──> quiet
//
// Each frame replaces the one before, so a lost or skipped frame needs no repair. Three parts follow:
// WatchedConversations decides when, PresenceHub connects it with the table and the bus, PresenceFeed registers
// watches.

void WatchedConversations::open(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person) {
  WatchedConversation& watched = conversations_[channel];
  if (watched.watches++ == 0) {
    watched.only = person;
  } else if (watched.only != person) {
    watched.only.reset();
  }
}

void WatchedConversations::close(const domain::ChannelKey& channel) {
  const auto found = conversations_.find(channel);
  assert(found != conversations_.end());
  if (--found->second.watches > 0) return;
  if (found->second.due) due_.erase({*found->second.due, channel});
  conversations_.erase(found);
}

void WatchedConversations::change(const domain::ChannelKey& channel, Time now) {
  const auto found = conversations_.find(channel);
  if (found == conversations_.end() || found->second.due) return;
  found->second.due = std::max(now, found->second.quiet_after);
  due_.emplace(*found->second.due, channel);
}

std::vector<domain::ChannelKey> WatchedConversations::take_due(Time now) {
  std::vector<domain::ChannelKey> taken;
  while (!due_.empty() && due_.begin()->first <= now) {
    taken.push_back(std::move(due_.extract(due_.begin()).value().second));
    conversations_[taken.back()].due.reset();
  }
  return taken;
}

std::optional<WatchedConversations::Time> WatchedConversations::next_due() const {
  return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

bool WatchedConversations::show(const domain::ChannelKey& channel, const delivery::FramePtr& frame,
                                const usecase::Presence::Page& page, Time now) {
  const auto found = conversations_.find(channel);
  if (found == conversations_.end()) return false;
  auto& watched = found->second;
  const auto shows = [](const delivery::FramePtr& one) -> const auto& {
    return std::get<delivery::PresenceChanged>(one->content());
  };
  if (watched.shown && shows(watched.shown) == shows(frame)) return false;
  watched.shown = frame;
  const bool nobody_else = page.count == 0 || (page.count == 1 && watched.only == page.users.front());
  if (nobody_else && !watched.sent) return false;
  watched.sent = true;
  watched.quiet_after = now + (page.count > kCrowd ? kCrowdPause : kPause);
  return true;
}

delivery::FramePtr WatchedConversations::shown(const domain::ChannelKey& channel) const {
  const auto found = conversations_.find(channel);
  return found == conversations_.end() ? nullptr : found->second.shown;
}

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

void PresenceHub::connect(delivery::PeerBus* peers, delivery::BusListener& watchers) {
  peers_ = peers;
  watchers_ = &watchers;
}

void PresenceHub::begin(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person) {
  std::unique_lock lock{mutex_};
  conversations_.open(conversation, person);
  if (person) table_.enter({conversation, *person});
  wake_if_due(std::move(lock));
}

void PresenceHub::end(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& person) {
  std::unique_lock lock{mutex_};
  conversations_.close(conversation);
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
  return std::min(table_.next_due(), conversations_.next_due().value_or(Time::max()));
}

delivery::FramePtr PresenceHub::frame_of(const domain::ChannelKey& conversation) {
  const std::lock_guard lock{mutex_};
  if (auto shown = conversations_.shown(conversation)) return shown;
  return make_frame(conversation, table_.people().page(conversation, nullptr, kNames));
}

delivery::FramePtr PresenceHub::greeting(const domain::ChannelKey& conversation,
                                         const std::optional<domain::UserId>& person) {
  {
    const std::lock_guard lock{mutex_};
    const auto page = table_.people().page(conversation, nullptr, 1);
    if (page.count == 0 || (page.count == 1 && person == page.users.front())) return nullptr;
  }
  return frame_of(conversation);
}

delivery::FramePtr PresenceHub::make_frame(const domain::ChannelKey& conversation, const Page& page) const {
  return std::make_shared<const delivery::Frame>(delivery::PresenceChanged{conversation, page.count, page.users},
                                                 encoder_);
}

usecase::Async<usecase::Presence::Page> PresenceHub::present(domain::ChannelKey conversation,
                                                             std::optional<domain::UserId> after, std::size_t limit) {
  co_return known(conversation, after, limit);
}

usecase::Presence::Page PresenceHub::known(const domain::ChannelKey& conversation,
                                           const std::optional<domain::UserId>& after, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  return table_.people().page(conversation, after ? &*after : nullptr, limit);
}

void PresenceHub::on_presence(delivery::PeerAddress /*from*/, std::string note) {
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

void PresenceHub::show_changes(Time now, delivery::FrameBatch& frames) {
  for (const auto& channel : table_.take_changed()) conversations_.change(channel, now);
  for (const auto& channel : conversations_.take_due(now)) {
    const auto page = table_.people().page(channel, nullptr, kNames);
    auto frame = make_frame(channel, page);
    if (conversations_.show(channel, frame, page, now)) frames.push_back(std::move(frame));
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

namespace {

/// Wraps the transport's watcher and holds its registration in the hub.
class PresentWatcher final : public delivery::Watcher {
 public:
  PresentWatcher(PresenceHub& hub, const usecase::Watch& watch, std::weak_ptr<delivery::Watcher> transport)
      : hub_{hub}, conversation_{watch.channel()}, person_{watch.presence}, transport_{std::move(transport)} {
    hub_.begin(conversation_, person_);
  }
  ~PresentWatcher() override { leave(); }
  PresentWatcher(const PresentWatcher&) = delete;
  PresentWatcher& operator=(const PresentWatcher&) = delete;

  void deliver(delivery::FrameBatch frames) override {
    const auto transport = transport_.lock();
    if (!transport) return;
    show_newest(frames);
    transport->deliver(std::move(frames));
  }

  void end(delivery::WatchCloseReason reason) override {
    leave();
    if (const auto transport = transport_.lock()) transport->end(reason);
  }

  void leave() {
    if (!left_.exchange(true)) hub_.end(conversation_, person_);
  }

 private:
  /// Replaces each presence frame by the newest one, because an older frame may arrive after a newer one was shown.
  /// Adds the first presence frame if the batch has a free place.
  void show_newest(delivery::FrameBatch& frames) {
    if (left_.load()) return;
    for (auto& frame : frames) {
      if (frame->kind() != delivery::FrameKind::ephemeral) continue;
      frame = hub_.frame_of(conversation_);
      shown_ = true;
    }
    if (shown_ || frames.size() >= delivery::Subscriber::kBatch) return;
    if (auto greeting = hub_.greeting(conversation_, person_)) frames.push_back(std::move(greeting));
    shown_ = true;
  }

  PresenceHub& hub_;
  const domain::ChannelKey conversation_;
  const std::optional<domain::UserId> person_;
  const std::weak_ptr<delivery::Watcher> transport_;
  std::atomic<bool> left_{false};
  bool shown_ = false;  // no lock: the feed's calls are never concurrent
};

class PresentSubscription final : public delivery::Subscription {
 public:
  PresentSubscription(std::shared_ptr<PresentWatcher> watcher, std::unique_ptr<delivery::Subscription> inner)
      : watcher_{std::move(watcher)}, inner_{std::move(inner)} {}
  ~PresentSubscription() override { watcher_->leave(); }  // the feed may hold the watcher a little longer
  PresentSubscription(const PresentSubscription&) = delete;
  PresentSubscription& operator=(const PresentSubscription&) = delete;

  void ready() override { inner_->ready(); }

 private:
  std::shared_ptr<PresentWatcher> watcher_;
  std::unique_ptr<delivery::Subscription> inner_;
};

}  // namespace

std::unique_ptr<delivery::Subscription> PresenceFeed::watch(usecase::Watch watch,
                                                            std::weak_ptr<delivery::Watcher> watcher) {
  if (watch.merged || watch.channel().is_inbox()) return feed_.watch(std::move(watch), std::move(watcher));
  auto present = std::make_shared<PresentWatcher>(hub_, watch, std::move(watcher));
  auto inner = feed_.watch(std::move(watch), present);
  return std::make_unique<PresentSubscription>(std::move(present), std::move(inner));
}

}  // namespace danwa::presence
