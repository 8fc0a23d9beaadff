#include "infra/caf/caf_node.hpp"

#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "domain/update/update.hpp"
#include "infra/caf/cluster.hpp"
#include "infra/caf/log_reader.hpp"
#include "infra/caf/pinned_actor.hpp"
#include "infra/caf/router_shards.hpp"

namespace danwa::caf {

// Assembles the delivery engine of a node from its actors, and takes it apart again. The members of `Parts` are listed
// in order of construction. The order of `stop` is the difficult part: CAF's actor system waits for every actor in its
// destructor, and an actor handle must not outlive it. So the watches end first, then the cluster with its bus, then
// the routers, then the log reader, each with a time limit. A part that is not done at its limit is logged, not waited
// for.

namespace {

using std::chrono::milliseconds;

/// CAF's one worker runs what has no io thread: the bus and the membership, whose handlers never block. Heartbeats are
/// off by default in CAF; with these values a stopped or unreachable peer is noticed within about 2 s. The
/// configuration never parses a command line: CAF would also read caf-application.ini from the working directory.
struct NodeConfig : ::caf::actor_system_config {
  explicit NodeConfig(bool networked) {
    load<ServiceScheduler>();
    set("scheduler.max-threads", 1);
    if (!networked) return;
    load<::caf::io::middleman>();
    set("middleman.heartbeat-interval", ::caf::timespan{milliseconds{500}});
    set("middleman.connection-timeout", ::caf::timespan{milliseconds{2000}});
    set("middleman.app-identifiers", std::vector<std::string>{"danwa"});
  }
};

delivery::RouterTable::Options router_options(const NodeOptions& options, std::size_t routers) {
  delivery::RouterTable::Options router;
  router.tail.frames = options.cache_frames;
  router.caches.bytes = options.cache_bytes / routers;
  router.epoch = options.epoch;
  router.replicas = options.replicas;
  if (!options.publish) router.repair_after = milliseconds{0};  // no bus to wait for: only the log brings updates
  return router;
}

/// Makes the frame once for all watchers here, then hands it to the local fast path and the peers.
class LocalEventBus final : public usecase::EventBus {
 public:
  LocalEventBus(RouterShards& routers, const NodeOptions& options)
      : routers_{routers}, frames_{options.frames}, publish_{options.publish} {}

  void publish(domain::DomainEvent event, const domain::Epoch& epoch) override {
    if (!publish_) return;
    auto frame = std::make_shared<const delivery::Frame>(domain::to_update(event), frames_, epoch);
    if (auto* const peers = peers_.load(std::memory_order_acquire)) peers->broadcast(frame);
    routers_.on_frame(std::move(frame));
  }

  void join(delivery::PeerBus* peers) { peers_.store(peers, std::memory_order_release); }

 private:
  RouterShards& routers_;
  const delivery::FrameEncoder& frames_;
  bool publish_;
  std::atomic<delivery::PeerBus*> peers_{nullptr};
};

}  // namespace

struct CafNode::Parts {
  Parts(const NodeOptions& options, net::IoThreads& threads, usecase::UpdateLog& log, adapters::Logger& logs,
        adapters::Metrics& figures)
      : logger{logs},
        metrics{figures},
        config{options.cluster != nullptr},
        reader{log, options.access, options.frames, options.log_patience},
        lanes{system, threads},
        system{config},
        routers{system, lanes, router_options(options, lanes.size()), reader, options.frames, options.facts, metrics},
        feed{lanes, routers, reader, options.name, options.frames, metrics},
        events{routers, options} {}

  adapters::Logger& logger;
  adapters::Metrics& metrics;
  NodeConfig config;
  LogReader reader;  // must outlive the routers
  Lanes lanes;       // must outlive all actors
  ::caf::actor_system system;
  RouterShards routers;
  ActorUpdateFeed feed;
  LocalEventBus events;
  std::unique_ptr<Cluster> cluster;
  std::atomic<bool> stopped{false};
};

CafNode::CafNode(NodeOptions options, net::IoThreads& threads, usecase::UpdateLog& log, adapters::Logger& logger,
                 adapters::Metrics& metrics)
    : parts_{std::make_unique<Parts>(options, threads, log, logger, metrics)} {
  if (!options.cluster) return;
  try {
    parts_->cluster = std::make_unique<Cluster>(*options.cluster, parts_->system, parts_->routers, logger, metrics);
  } catch (...) {
    stop();  // otherwise the destructor of the actor system waits for the routers forever
    throw;
  }
  if (options.publish) join(parts_->cluster.get());
}

/// An actor counts as done while its last turn still ends, and that uses the system.
CafNode::~CafNode() {
  stop();
  parts_->system.await_all_actors_done();
  parts_->lanes.wait_for_jobs();
}

delivery::UpdateFeed& CafNode::feed() { return parts_->feed; }
usecase::EventBus& CafNode::events() { return parts_->events; }
usecase::TailListener& CafNode::tail_listener() { return parts_->routers; }
delivery::BusListener& CafNode::bus_listener() { return parts_->routers; }
void CafNode::join(delivery::PeerBus* peers) {
  parts_->events.join(peers);
  parts_->routers.join(peers);
}
void CafNode::join_presence(delivery::PresenceListener* listener) { parts_->routers.join_presence(listener); }
Cluster* CafNode::cluster() { return parts_->cluster.get(); }

void CafNode::stop() {
  Parts& p = *parts_;
  if (p.stopped.exchange(true)) return;
  p.feed.close();
  p.routers.end_all_watches();
  const auto deadline = std::chrono::steady_clock::now() + milliseconds{2000};
  while (p.metrics.subscriber_actors.value() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  const auto left = p.metrics.subscriber_actors.value();
  if (left > 0) p.logger.warn("node.watches_left", {{"count", left}});
  if (p.cluster) p.cluster->stop();
  if (!p.routers.exit(milliseconds{1000})) p.logger.warn("node.router_busy");
  if (!p.reader.stop(milliseconds{2000})) p.logger.warn("node.reads_left");
}

}  // namespace danwa::caf
