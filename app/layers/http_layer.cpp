#include "app/layers/http_layer.hpp"

#include <algorithm>

#include "adapters/controllers/routes.hpp"
#include "adapters/graphql/http_door.hpp"
#include "infra/jwt/development_verifier.hpp"
#include "infra/jwt/jwt_verifier.hpp"

namespace danwa::app {

// Wires the HTTP endpoint: settings to options, use cases to routes, and the verifier of tokens. In development mode a
// bearer string proves nothing, so the node must be usable from its own host only: it binds to loopback, and it accepts
// only loopback `Host` and `Origin` values, because any website may send requests to 127.0.0.1.

namespace {

/// Matches no origin, so only pages of the server's own host may use the node.
constexpr const char* kNoForeignOrigin = "none";

const std::vector<std::string> kLoopbackHosts{"localhost", "127.0.0.1", "[::1]"};

std::unique_ptr<const usecase::TokenVerifier> make_verifier(const AuthSettings& auth, SystemLayer& system) {
  if (auth.mode == "development") {
    system.log.warn("auth.development",
                    {{"why", "every bearer string is accepted as a user: only for callers on this host"}});
    return std::make_unique<infra::DevelopmentVerifier>();
  }
  infra::JwtOptions options;
  options.algorithm = auth.jwt.algorithm;
  options.key_file = auth.jwt.key_file;
  options.jwks_file = auth.jwt.jwks_file;
  options.audience = auth.jwt.audience;
  options.issuer = auth.jwt.issuer;
  options.leeway_seconds = static_cast<int>(auth.jwt.leeway_seconds);
  options.max_lifetime = auth.jwt.max_lifetime;
  auto verifier = std::make_unique<infra::JwtVerifier>(std::move(options), system.log, system.metrics, system.clock);
  verifier->start();
  return verifier;
}

/// Origins whose pages may use the node. In development mode also every loopback origin.
std::vector<std::string> origins_of(const Settings& settings) {
  auto origins = settings.http.allowed_origins;
  if (settings.auth.mode != "development") return origins;
  for (const auto& host : kLoopbackHosts) origins.insert(origins.end(), {"http://" + host, "https://" + host});
  return origins;
}

infra::HttpOptions to_options(const Settings& settings, const std::string& address,
                              net::DescriptorBudget::Share& descriptors) {
  infra::HttpOptions options;
  options.listen = address;
  options.loopback_only = settings.auth.mode == "development";
  options.threads = static_cast<std::size_t>(settings.http.threads);
  options.max_connections = static_cast<std::size_t>(settings.http.max_connections);
  options.descriptors = &descriptors;
  options.allowed_hosts = settings.http.allowed_hosts;
  if (settings.auth.mode == "development" && options.allowed_hosts.empty()) options.allowed_hosts = kLoopbackHosts;
  options.allowed_origins = origins_of(settings);
  if (options.allowed_origins.empty()) options.allowed_origins.emplace_back(kNoForeignOrigin);
  options.idle_time = settings.http.keep_alive;
  options.log_requests = settings.log.level == "debug";
  options.streams.ping_interval = settings.streams.ping_interval;
  options.streams.pong_timeout = settings.streams.pong_timeout;
  options.streams.send_buffer = static_cast<int>(settings.streams.send_buffer);
  return options;
}

adapters::http::Router make_router(const HttpLayer::Needs& needs, const usecase::TokenVerifier& tokens,
                                   const NodeState& state) {
  adapters::http::Router router;
  router.set_cors(adapters::http::CorsPolicy{origins_of(needs.settings)});
  UsecaseLayer& u = needs.usecases;
  const adapters::RoomNeeds rooms{u.get_conversation,  u.configure_conversation, u.list_members,
                                  u.join_conversation, u.leave_conversation,     u.get_presence};
  const adapters::NotificationNeeds notifications{u.send_notification, u.read_notifications, u.watch_notifications};
  const adapters::Needs routes{u.send_comment,
                               u.edit_comment,
                               u.remove_comment,
                               u.get_comment,
                               u.list_comments,
                               u.list_conversations,
                               u.read_updates,
                               u.watch_conversation,
                               u.read_position,
                               rooms,
                               notifications,
                               u.factory,
                               tokens,
                               u.turns,
                               needs.feed,
                               state,
                               needs.system.metrics};
  adapters::add_routes(router, routes);
  adapters::graphql::add_routes(router, routes);
  return router;
}

}  // namespace

HttpLayer::HttpLayer(const Needs& needs)
    : tokens{make_verifier(needs.settings.auth, needs.system)},
      state{needs.settings.node.name,
            needs.settings.http.advertise.empty() ? needs.address : needs.settings.http.advertise,
            needs.persistence.database,
            needs.messaging.node,
            needs.system.grpc_figures,
            needs.system.log},
      router{make_router(needs, *tokens, state)},
      server{to_options(needs.settings, needs.address, needs.descriptors),
             router,
             needs.feed,
             needs.system.log,
             needs.system.metrics,
             needs.system.clock} {}

void HttpLayer::drain(std::chrono::milliseconds window) {
  state.start_draining();
  server.drain(window);
}

}  // namespace danwa::app
