#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "infra/net/io_threads.hpp"
#include "support/frames.hpp"
#include "support/in_memory_log.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/event_bus.hpp"

namespace danwa::tests {

/// An update feed without actors: serves each watch from the log, 16 updates at a time, whenever its transport is
/// ready. It keeps the rules of UpdateFeed, and is the bus that wakes it. Thread safe.
class MemoryFeed final : public delivery::UpdateFeed, public usecase::EventBus {
 public:
  explicit MemoryFeed(InMemoryLog& log) : log_{log} {}

  std::unique_ptr<delivery::Subscription> watch(usecase::Watch request,
                                                std::weak_ptr<delivery::Watcher> watcher) override {
    auto watch = std::make_shared<Watch>();
    watch->channel = request.channel();
    watch->watcher = std::move(watcher);
    watch->started_from = net::IoThread::current();
    {
      const std::lock_guard lock{log_.mutex};
      const auto& after = request.channels.front().after;
      watch->next = (after ? after->seq : log_.head(watch->channel)) + 1;
    }
    const std::lock_guard lock{mutex_};
    watches_.push_back(watch);
    return std::make_unique<Hold>(*this, std::move(watch));
  }

  void publish(domain::DomainEvent /*event*/, const domain::Epoch& /*epoch*/) override {
    for (const auto& watch : all()) pump(*watch);
  }

  /// Ends every watch.
  void end(delivery::WatchCloseReason reason) {
    for (const auto& watch : all()) {
      if (const auto endpoint = watch->watcher.lock()) endpoint->end(reason);
    }
  }

  std::size_t count() const {
    const std::lock_guard lock{mutex_};
    return watches_.size();
  }

  /// The io thread that has called `watch` for the watch at `index`, in the order of their starts.
  const net::IoThread* watched_from(std::size_t index) const {
    const std::lock_guard lock{mutex_};
    return watches_.at(index)->started_from;
  }

 private:
  struct Watch {
    domain::ChannelKey channel{domain::CompanyId::trusted(""), domain::ChannelKind::conversation, ""};
    std::weak_ptr<delivery::Watcher> watcher;
    const net::IoThread* started_from = nullptr;
    std::mutex mutex;  // one batch at a time, in order
    domain::Seq next = 1;
    bool ready = false;
    bool greeted = false;
  };
  struct Hold final : delivery::Subscription {
    Hold(MemoryFeed& owner, std::shared_ptr<Watch> watch) : feed{owner}, held{std::move(watch)} {}
    ~Hold() override { feed.forget(held); }
    void ready() override {
      {
        const std::lock_guard lock{held->mutex};
        held->ready = true;
      }
      feed.pump(*held);
    }
    MemoryFeed& feed;
    std::shared_ptr<Watch> held;
  };

  std::vector<std::shared_ptr<Watch>> all() const {
    const std::lock_guard lock{mutex_};
    return watches_;
  }
  void forget(const std::shared_ptr<Watch>& watch) {
    const std::lock_guard lock{mutex_};
    std::erase(watches_, watch);
  }

  void pump(Watch& watch) {
    const std::lock_guard lock{watch.mutex};
    if (!watch.ready) return;
    auto frames = take(watch);
    if (frames.empty()) return;
    watch.ready = false;
    if (const auto endpoint = watch.watcher.lock()) endpoint->deliver(std::move(frames));
  }

  delivery::FrameBatch take(Watch& watch) {
    const std::lock_guard lock{log_.mutex};
    delivery::FrameBatch frames;
    if (!std::exchange(watch.greeted, true)) {
      frames.push_back(tests::encode_watching(watch.channel, {log_.epoch, watch.next - 1}, "memory"));
    }
    const auto head = log_.head(watch.channel);
    while (watch.next <= head && frames.size() < 16) frames.push_back(frame_of(watch.channel, watch.next++));
    return frames;
  }

  /// Made once, as the node does.
  delivery::FramePtr frame_of(const domain::ChannelKey& channel, domain::Seq seq) {
    auto& frame = frames_[{channel, seq}];
    if (!frame) frame = tests::encode_update(log_.channels.at(channel).updates.at(seq - 1));
    return frame;
  }

  InMemoryLog& log_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Watch>> watches_;
  std::map<std::pair<domain::ChannelKey, domain::Seq>, delivery::FramePtr> frames_;  // under the log's mutex
};

}  // namespace danwa::tests
