#include "app/layers/messaging_layer.hpp"

#include "app/layers/redis_bus.hpp"
#include "infra/caf/cluster/cluster.hpp"

namespace danwa::app {
namespace {

adapters::LogSource log_of(const Database& database) {
  return [&database] { return database.identity(); };
}

std::shared_ptr<const infra::ClusterOptions> to_cluster(const Settings& settings, const std::string& http_address,
                                                        const Database& database) {
  const ClusterSettings& cluster = settings.cluster;
  if (settings.bus != "caf" || cluster.listen.empty()) return nullptr;
  auto options = std::make_shared<infra::ClusterOptions>();
  options->name = settings.node.name;
  options->listen = cluster.listen;
  options->advertise = cluster.advertise;
  options->http_advertise = http_address;
  options->seeds = cluster.seeds;
  options->secret = cluster.secret;
  options->plain_network = cluster.plain_network;
  options->log = log_of(database);
  if (!cluster.tls.cert_file.empty()) {
    options->tls = infra::ClusterTls{cluster.tls.cert_file, cluster.tls.key_file, cluster.tls.ca_file};
  }
  return options;
}

infra::NodeOptions to_options(const MessagingLayer::Needs& needs, usecase::AccessCheck& access) {
  const Settings& settings = needs.settings;
  const Database& database = needs.persistence.database;
  infra::NodeOptions options;
  options.name = settings.node.name;
  options.publish = settings.bus != "none";
  options.cluster = to_cluster(settings, needs.http_address, database);
  options.epoch = database.identity().epoch;
  options.access = &access;
  return options;
}

}  // namespace

MessagingLayer::MessagingLayer(Needs needs)
    : access{needs.persistence.database.conversations()},
      node{to_options(needs, access), needs.persistence.database.log(), needs.system.log, needs.system.metrics},
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

adapters::PeerBus* MessagingLayer::peers() { return redis_ ? redis_.get() : node.cluster(); }

std::string MessagingLayer::cluster_address() {
  return node.cluster() ? node.cluster()->bound_address() : std::string{};
}

}  // namespace danwa::app
