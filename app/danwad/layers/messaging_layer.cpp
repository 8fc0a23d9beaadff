#include "app/danwad/layers/layers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>

#include "adapters/updates/update_json.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "infra/caf/cluster.hpp"
#include "infra/system/identity.hpp"

#ifdef DANWA_REDIS
#include "app/danwad/settings/database_url.hpp"
#include "infra/redis/redis_bus.hpp"
#endif

// Wires delivery and presence to the database and the bus. Over CAF the bus is a part of the node; over Redis it is an
// object beside the node, which the routers join. The log tail starts last and ends first, because it calls the node.
// PresenceHub has no thread; the one here calls `step` when that is due, or when the hub asks for it.

namespace danwa::app {
namespace {

/// Between two steps of presence. A storm of connects costs a wake-up of its thread each time, and not for each watch.
constexpr std::chrono::milliseconds kPresencePause{5};

/// The destructor stops the bus. Throws SettingsError in a build without Redis. The arguments must outlive it.
#ifdef DANWA_REDIS
std::unique_ptr<delivery::PeerBus> start_redis_bus(const RedisSettings& settings, delivery::LogSource log,
                                                   delivery::BusListener& listener, adapters::Logger& logger,
                                                   adapters::Metrics& metrics) {
  auto [host, port] = parse_redis_url(settings.url);
  redis::RedisOptions options{std::move(host),          port,          settings.user, settings.password,
                              settings.command_timeout, std::move(log)};
  return std::make_unique<redis::RedisBus>(std::move(options), listener, logger, metrics);
}
#else
std::unique_ptr<delivery::PeerBus> start_redis_bus(const RedisSettings&, delivery::LogSource, delivery::BusListener&,
                                                   adapters::Logger&, adapters::Metrics&) {
  throw SettingsError{"bus = \"redis\" is not part of this build"};
}
#endif

delivery::LogSource log_of(const Database& database) {
  return [&database] { return database.identity(); };
}

std::shared_ptr<const caf::ClusterOptions> to_cluster(const Settings& settings, const std::string& http_address,
                                                      const Database& database) {
  const ClusterSettings& cluster = settings.cluster;
  if (settings.bus != "caf" || cluster.listen.empty()) return nullptr;
  auto options = std::make_shared<caf::ClusterOptions>();
  options->name = settings.node.name;
  options->listen = cluster.listen;
  options->advertise = cluster.advertise;
  options->http_advertise = http_address;
  options->seeds = cluster.seeds;
  options->secret = cluster.secret;
  options->plain_network = cluster.plain_network;
  options->log = log_of(database);
  if (!cluster.tls.cert_file.empty()) {
    options->tls = caf::ClusterTls{cluster.tls.cert_file, cluster.tls.key_file, cluster.tls.ca_file};
  }
  return options;
}

caf::NodeOptions to_options(const MessagingLayer::Needs& needs, usecase::AccessCheck& access,
                            usecase::ConversationFacts& facts) {
  const Settings& settings = needs.settings;
  const Database& database = needs.persistence.database;
  caf::NodeOptions options;
  options.name = settings.node.name;
  options.publish = settings.bus != "none";
  options.cluster = to_cluster(settings, needs.http_address, database);
  options.epoch = database.identity().epoch;
  options.replicas = !settings.database.replicas.empty();
  options.access = &access;
  options.facts = &facts;
  return options;
}

}  // namespace

MessagingLayer::MessagingLayer(Needs needs)
    : access{needs.persistence.database.conversations()},
      node{to_options(needs, access, facts), needs.threads, needs.persistence.database.log(), needs.system.log,
           needs.system.metrics},
      database_{needs.persistence.database} {
  if (needs.settings.bus == "redis") {
    redis_ = start_redis_bus(needs.settings.redis, log_of(database_), node.bus_listener(), needs.system.log,
                             needs.system.metrics);
    node.join(redis_.get());
  }
  database_.start_tail(node.tail_listener());
}

MessagingLayer::~MessagingLayer() {
  database_.stop();
  node.stop();
}

void MessagingLayer::leave() {
  if (auto* const cluster = node.cluster()) cluster->leave();
}

delivery::PeerBus* MessagingLayer::peers() { return redis_ ? redis_.get() : node.cluster(); }

std::string MessagingLayer::cluster_address() {
  return node.cluster() ? node.cluster()->bound_address() : std::string{};
}

namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t new_incarnation() {
  std::uint64_t number = 0;
  system::fill_random(std::as_writable_bytes(std::span{&number, 1}));
  return number >> 1;  // 63 bits
}

}  // namespace

PresenceLayer::PresenceLayer(const std::string& node, adapters::Metrics& metrics)
    : hub_{{.self = {node, new_incarnation()}, .figures = metrics, .encoder = adapters::json_frames(), .wake = [this] {
              wake();
            }}} {}

PresenceLayer::~PresenceLayer() { stop(); }

void PresenceLayer::start(delivery::PeerBus* peers, delivery::BusListener& watchers) {
  hub_.connect(peers, watchers);
  thread_ = std::thread{[this] { run(); }};
}

/// A call from an io thread. In its pause the thread needs no notice.
void PresenceLayer::wake() {
  std::unique_lock lock{mutex_};
  woken_ = true;
  const bool notice = !pausing_;
  lock.unlock();
  if (notice) changed_.notify_one();
}

void PresenceLayer::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const auto due = hub_.step(Clock::now());
    lock.lock();
    pausing_ = true;
    changed_.wait_for(lock, kPresencePause, [this] { return stopping_; });
    pausing_ = false;
    changed_.wait_until(lock, std::max(due, Clock::now()), [this] { return woken_ || stopping_; });
  }
}

void PresenceLayer::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  hub_.close();
}

}  // namespace danwa::app
