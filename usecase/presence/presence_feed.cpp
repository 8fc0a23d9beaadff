#include "usecase/presence/presence_hub.hpp"

#include <atomic>

#include "usecase/delivery/subscriber.hpp"

namespace danwa::presence {
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
