#include "infra/caf/actor_update_feed.hpp"

#include <caf/send.hpp>
#include <utility>

#include "infra/caf/messages.hpp"
#include "infra/caf/subscriber_actor.hpp"

namespace danwa::infra {
namespace {

class ActorSubscription final : public adapters::Subscription {
 public:
  ActorSubscription(caf::actor subscriber, std::shared_ptr<adapters::DoorSignal> signal)
      : subscriber_{std::move(subscriber)}, signal_{std::move(signal)} {}
  ~ActorSubscription() override { caf::anon_send(subscriber_, Closed{}); }
  ActorSubscription(const ActorSubscription&) = delete;
  ActorSubscription& operator=(const ActorSubscription&) = delete;

  void ready() override {
    if (signal_->raise()) caf::anon_send(subscriber_, Ready{});
  }

 private:
  caf::actor subscriber_;
  std::shared_ptr<adapters::DoorSignal> signal_;
};

class EndedSubscription final : public adapters::Subscription {
 public:
  void ready() override {}
};

}  // namespace

std::unique_ptr<adapters::Subscription> ActorUpdateFeed::watch(usecase::Watch watch,
                                                               std::weak_ptr<adapters::Watcher> watcher) {
  const bool closed = closed_.load();
  if (closed || (watch.guard && !reader_.can_check())) {
    using enum adapters::WatchEnd;
    if (const auto door = watcher.lock()) door->end(closed ? going_away : unavailable);
    return std::make_unique<EndedSubscription>();
  }
  auto signal = std::make_shared<adapters::DoorSignal>();
  auto actor = spawn_subscriber(system_, std::move(watch), std::move(watcher), signal, routers_, reader_, node_,
                                frames_, metrics_);
  return std::make_unique<ActorSubscription>(std::move(actor), std::move(signal));
}

}  // namespace danwa::infra
