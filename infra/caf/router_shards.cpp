#include "infra/caf/router_shards.hpp"

#include <caf/after.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>
#include <utility>
#include <vector>

// The entrance of the delivery engine on a node. Channels are divided by hash among the routers, one on each io thread.
// A channel always belongs to the same router, so its updates keep their order. Frames go through an inbox per
// router: the first one sends a message that wakes the router, and those that follow until it runs only join the queue.
// So a burst costs one message, not one per frame. A transport that is ready wakes its subscriber only if that waits
// (ReadySignal).

namespace danwa::caf {

RouterShards::RouterShards(::caf::actor_system& system, Lanes& lanes, const delivery::RouterTable::Options& options,
                           LogReader& reader, const delivery::FrameEncoder& frames, usecase::ConversationFacts* facts,
                           adapters::Metrics& metrics)
    : system_{system}, frames_{frames}, facts_{facts} {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    shards_.push_back(spawn_router(lanes.at(i), options, reader, facts, metrics));
    inboxes_.push_back(std::make_shared<FrameInbox>(metrics.inbox_drops));
  }
}

void RouterShards::on_frame(delivery::FramePtr frame) {
  if (facts_ != nullptr && frame->update() != nullptr) facts_->hear(*frame->update(), frame->epoch());
  const auto i = index(frame->channel());
  if (inboxes_[i]->put(std::move(frame))) ::caf::anon_send(shards_[i], FramesWait{inboxes_[i]});
}

void RouterShards::on_updates(std::vector<delivery::LoggedUpdate> updates) {
  for (auto& [update, epoch] : updates) {
    on_frame(std::make_shared<const delivery::Frame>(std::move(update), frames_, std::move(epoch)));
  }
}

void RouterShards::check_log(const domain::ChannelKey& channel) { ::caf::anon_send(of(channel), CheckLog{channel}); }

void RouterShards::look_at_log_everywhere() {
  for (const auto& shard : shards_) ::caf::anon_send(shard, CheckLog{std::nullopt});
}

void RouterShards::on_presence(delivery::PeerAddress from, std::string message) {
  auto* const listener = presence_.load(std::memory_order_acquire);
  if (listener != nullptr) listener->on_presence(std::move(from), std::move(message));
}

void RouterShards::join(delivery::PeerBus* bus) {
  ::caf::scoped_actor self{system_};
  for (const auto& shard : shards_) {
    self->request(shard, std::chrono::seconds{5}, JoinBus{bus}).receive([](bool) {}, [](const ::caf::error&) {});
  }
}

void RouterShards::on_growth(std::span<const Growth> channels) {
  std::vector<std::vector<Growth>> parts(shards_.size());
  for (const auto& growth : channels) {
    if (facts_ != nullptr) facts_->grown(growth.channel, growth.head);
    parts[index(growth.channel)].push_back(growth);
  }
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    if (!parts[i].empty()) ::caf::anon_send(shards_[i], LogGrew{std::move(parts[i])});
  }
}

void RouterShards::on_looked(const domain::Epoch& epoch, std::optional<std::uint64_t> position) {
  if (facts_ != nullptr) facts_->looked(epoch, position, std::chrono::steady_clock::now());
}

void RouterShards::on_epoch(const domain::Epoch& epoch) {
  if (facts_ != nullptr) facts_->replaced(epoch);
  for (const auto& shard : shards_) ::caf::anon_send(shard, LogReplaced{epoch});
}

void RouterShards::end_all_watches() {
  for (const auto& shard : shards_) ::caf::anon_send(shard, EndAllWatches{});
}

bool RouterShards::exit(std::chrono::milliseconds limit) {
  ::caf::scoped_actor self{system_};
  for (const auto& shard : shards_) {
    self->monitor(shard);
    ::caf::anon_send_exit(shard, ::caf::exit_reason::user_shutdown);
  }
  bool ended = true;
  for (std::size_t i = 0; i < shards_.size() && ended; ++i) {
    self->receive([](const ::caf::down_msg&) {}, ::caf::after(limit) >> [&ended] { ended = false; });
  }
  return ended;
}

namespace {

class ActorSubscription final : public delivery::Subscription {
 public:
  ActorSubscription(::caf::actor subscriber, std::shared_ptr<delivery::ReadySignal> signal)
      : subscriber_{std::move(subscriber)}, signal_{std::move(signal)} {}
  ~ActorSubscription() override { ::caf::anon_send(subscriber_, Closed{}); }
  ActorSubscription(const ActorSubscription&) = delete;
  ActorSubscription& operator=(const ActorSubscription&) = delete;

  void ready() override {
    if (signal_->raise()) ::caf::anon_send(subscriber_, Ready{});
  }

 private:
  ::caf::actor subscriber_;
  std::shared_ptr<delivery::ReadySignal> signal_;
};

class EndedSubscription final : public delivery::Subscription {
 public:
  void ready() override {}
};

}  // namespace

std::unique_ptr<delivery::Subscription> ActorUpdateFeed::watch(usecase::Watch watch,
                                                               std::weak_ptr<delivery::Watcher> watcher) {
  const bool closed = closed_.load();
  if (closed || (watch.guard && !reader_.can_check())) {
    using enum delivery::WatchCloseReason;
    if (const auto transport = watcher.lock()) transport->end(closed ? going_away : unavailable);
    return std::make_unique<EndedSubscription>();
  }
  auto signal = std::make_shared<delivery::ReadySignal>();
  auto actor = spawn_subscriber(lanes_.here_or_next(), std::move(watch), std::move(watcher), signal, routers_, reader_,
                                node_, frames_, metrics_);
  return std::make_unique<ActorSubscription>(std::move(actor), std::move(signal));
}

}  // namespace danwa::caf
