#include "app/danwad/layers/layers.hpp"

#include <algorithm>

#include "adapters/graphql/http_endpoint.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "infra/caf/cluster.hpp"
#include "infra/jwt/jwt_verifier.hpp"
#include "infra/system/process.hpp"

#ifdef DANWA_GRPC
#include "infra/grpc/grpc_server.hpp"
#endif

// Wires the HTTP endpoint: settings to options, use cases to routes, and the verifier of tokens. In development mode a
// bearer string proves nothing, so the node must be usable from its own host only: it binds to loopback, and it accepts
// only loopback `Host` and `Origin` values, because any website may send requests to 127.0.0.1.
//
// The gRPC endpoint exists in every build, so the rest of the program needs no conditions. In a build without gRPC it
// refuses the setting that would start it.

namespace danwa::app {

std::vector<adapters::NodeMember> NodeState::members() const {
  std::vector<adapters::NodeMember> all{{name_, http_address_, true, true}};
  const auto* cluster = node_.cluster();
  if (cluster == nullptr) return all;
  for (const auto& member : cluster->members()) {
    all.push_back({member.name, member.http_advertise, member.state == caf::MemberState::up, false});
  }
  return all;
}

std::string NodeState::process_figures() const {
  std::string figures = system::process_figures();
#ifdef DANWA_GRPC
  figures = grpc_figures_.to_prometheus() + figures;
#endif
  return figures + "# HELP danwa_replicas_serving Standbys of the database that serve reads.\n" +
         "# TYPE danwa_replicas_serving gauge\n" + "danwa_replicas_serving " +
         std::to_string(database_.replicas_serving()) + "\n" +
         "# HELP danwa_log_lines_dropped_total Log lines dropped because nobody read them or a write failed.\n" +
         "# TYPE danwa_log_lines_dropped_total counter\n" + "danwa_log_lines_dropped_total " +
         std::to_string(log_.dropped()) + "\n";
}

namespace {

/// Matches no origin, so only pages of the server's own host may use the node.
constexpr const char* kNoForeignOrigin = "none";

const std::vector<std::string> loopback_hosts{"localhost", "127.0.0.1", "[::1]"};

std::unique_ptr<usecase::TokenVerifier> make_verifier(const AuthSettings& auth, SystemLayer& system) {
  if (auth.mode == "development") {
    system.log.warn("auth.development",
                    {{"why", "every bearer string is accepted as a user: only for callers on this host"}});
    return std::make_unique<jwt::DevelopmentVerifier>();
  }
  jwt::JwtOptions options;
  options.algorithm = auth.jwt.algorithm;
  options.key_file = auth.jwt.key_file;
  options.jwks_file = auth.jwt.jwks_file;
  options.audience = auth.jwt.audience;
  options.issuer = auth.jwt.issuer;
  options.leeway_seconds = static_cast<int>(auth.jwt.leeway_seconds);
  options.max_lifetime = auth.jwt.max_lifetime;
  auto verifier = std::make_unique<jwt::JwtVerifier>(std::move(options), system.log, system.metrics, system.clock);
  verifier->start();
  return verifier;
}

/// Origins whose pages may use the node. In development mode also every loopback origin.
std::vector<std::string> origins_of(const Settings& settings) {
  auto origins = settings.http.allowed_origins;
  if (settings.auth.mode != "development") return origins;
  for (const auto& host : loopback_hosts) origins.insert(origins.end(), {"http://" + host, "https://" + host});
  return origins;
}

beast::HttpOptions to_options(const Settings& settings, const std::string& address,
                              net::DescriptorBudget::Share& descriptors) {
  beast::HttpOptions options;
  options.listen = address;
  options.loopback_only = settings.auth.mode == "development";
  options.max_connections = static_cast<std::size_t>(settings.http.max_connections);
  options.descriptors = &descriptors;
  options.allowed_hosts = settings.http.allowed_hosts;
  if (settings.auth.mode == "development" && options.allowed_hosts.empty()) options.allowed_hosts = loopback_hosts;
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
  const adapters::Needs routes{needs.use_cases, tokens, needs.feed, state, needs.system.metrics};
  adapters::add_routes(router, routes);
  adapters::graphql::add_routes(router, routes);
  return router;
}

}  // namespace

HttpLayer::HttpLayer(const Needs& needs)
    : tokens{make_verifier(needs.settings.auth, needs.system)},
      state{needs.settings.node.name, needs.advertised,          needs.persistence.database,
            needs.messaging.node,     needs.system.grpc_figures, needs.system.log},
      router{make_router(needs, *tokens, state)},
      server{to_options(needs.settings, needs.address, needs.descriptors),
             needs.threads,
             router,
             needs.feed,
             needs.system.log,
             needs.system.metrics,
             needs.system.clock} {}

void HttpLayer::drain(std::chrono::milliseconds window) {
  state.start_draining();
  server.drain(window);
}

#ifdef DANWA_GRPC
namespace {

grpc::GrpcOptions to_options(const Settings& settings, net::DescriptorBudget::Share& descriptors) {
  grpc::GrpcOptions options;
  options.listen = settings.grpc.listen;
  options.loopback_only = settings.auth.mode == "development";
  options.max_streams = static_cast<std::size_t>(settings.grpc.max_streams);
  options.descriptors = &descriptors;
  return options;
}

}  // namespace

struct GrpcLayer::Endpoint {
  explicit Endpoint(const Needs& needs)
      : chat{{needs.use_cases, needs.tokens, needs.feed, needs.system.metrics, needs.system.grpc_figures,
              needs.settings.grpc.guest}},
        server{to_options(needs.settings, needs.descriptors), needs.threads, chat, needs.system.log} {}

  adapters::rpc::ChatEndpoint chat;
  grpc::GrpcServer server;
};
#else
struct GrpcLayer::Endpoint {
  struct NoServer {
    std::string bound_address() const { return {}; }
    void start_draining(std::chrono::milliseconds /*window*/) {}
    void stop() {}
  };
  explicit Endpoint(const Needs& /*needs*/) { throw SettingsError{"grpc.listen is not part of this build"}; }

  NoServer server;
};
#endif

GrpcLayer::GrpcLayer(const Needs& needs) {
  if (!needs.settings.grpc.listen.empty()) endpoint_ = std::make_unique<Endpoint>(needs);
}

GrpcLayer::~GrpcLayer() = default;

std::string GrpcLayer::bound_address() const { return endpoint_ ? endpoint_->server.bound_address() : std::string{}; }

void GrpcLayer::start_draining(std::chrono::milliseconds window) {
  if (endpoint_) endpoint_->server.start_draining(window);
}

void GrpcLayer::stop() {
  if (endpoint_) endpoint_->server.stop();
}

}  // namespace danwa::app
