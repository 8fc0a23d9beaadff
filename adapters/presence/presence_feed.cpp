#include "adapters/presence/presence_feed.hpp"

#include <atomic>
#include <utility>

#include "adapters/delivery/subscriber.hpp"

namespace danwa::adapters {
namespace {

/// Wraps the transport's watcher and holds its registration in the hub.
class PresentWatcher final : public Watcher {
 public:
  PresentWatcher(PresenceHub& hub, const usecase::Watch& watch, std::weak_ptr<Watcher> door)
      : hub_{hub}, conversation_{watch.channel()}, person_{watch.presence}, door_{std::move(door)} {
    hub_.begin(conversation_, person_);
  }
  ~PresentWatcher() override { leave(); }
  PresentWatcher(const PresentWatcher&) = delete;
  PresentWatcher& operator=(const PresentWatcher&) = delete;

  void deliver(FrameBatch frames) override {
    const auto door = door_.lock();
    if (!door) return;
    show_newest(frames);
    door->deliver(std::move(frames));
  }

  void end(WatchEnd reason) override {
    leave();
    if (const auto door = door_.lock()) door->end(reason);
  }

  void leave() {
    if (!left_.exchange(true)) hub_.end(conversation_, person_);
  }

 private:
  /// Replaces each presence frame by the newest one, because an older frame may arrive after a newer one was shown.
  /// Adds the first presence frame if the batch has a free place.
  void show_newest(FrameBatch& frames) {
    if (left_.load()) return;
    for (auto& frame : frames) {
      if (frame->kind() != FrameKind::ephemeral) continue;
      frame = hub_.frame_of(conversation_);
      shown_ = true;
    }
    if (shown_ || frames.size() >= Subscriber::kBatch) return;
    if (auto greeting = hub_.greeting(conversation_, person_)) frames.push_back(std::move(greeting));
    shown_ = true;
  }

  PresenceHub& hub_;
  const domain::ChannelKey conversation_;
  const std::optional<domain::UserId> person_;
  const std::weak_ptr<Watcher> door_;
  std::atomic<bool> left_{false};
  bool shown_ = false;  // no lock: the feed's calls are never concurrent
};

class PresentSubscription final : public Subscription {
 public:
  PresentSubscription(std::shared_ptr<PresentWatcher> watcher, std::unique_ptr<Subscription> inner)
      : watcher_{std::move(watcher)}, inner_{std::move(inner)} {}
  ~PresentSubscription() override { watcher_->leave(); }  // the feed may hold the watcher a little longer
  PresentSubscription(const PresentSubscription&) = delete;
  PresentSubscription& operator=(const PresentSubscription&) = delete;

  void ready() override { inner_->ready(); }

 private:
  std::shared_ptr<PresentWatcher> watcher_;
  std::unique_ptr<Subscription> inner_;
};

}  // namespace

std::unique_ptr<Subscription> PresenceFeed::watch(usecase::Watch watch, std::weak_ptr<Watcher> watcher) {
  if (watch.merged || watch.channel().is_inbox()) return feed_.watch(std::move(watch), std::move(watcher));
  auto present = std::make_shared<PresentWatcher>(hub_, watch, std::move(watcher));
  auto inner = feed_.watch(std::move(watch), present);
  return std::make_unique<PresentSubscription>(std::move(present), std::move(inner));
}

}  // namespace danwa::adapters
