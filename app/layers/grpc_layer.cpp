#include "app/layers/grpc_layer.hpp"

#include "app/settings/settings_reader.hpp"
#ifdef DANWA_GRPC
#include "infra/grpc/grpc_server.hpp"
#endif

namespace danwa::app {

#ifdef DANWA_GRPC
namespace {

infra::GrpcOptions to_options(const Settings& settings, net::DescriptorBudget::Share& descriptors) {
  infra::GrpcOptions options;
  options.listen = settings.grpc.listen;
  options.loopback_only = settings.auth.mode == "development";
  options.threads = static_cast<std::size_t>(settings.http.threads);
  options.max_streams = static_cast<std::size_t>(settings.grpc.max_streams);
  options.descriptors = &descriptors;
  return options;
}

adapters::rpc::ChatDoor::Needs to_needs(const GrpcLayer::Needs& needs) {
  UsecaseLayer& use = needs.usecases;
  return {
      use.send_comment,     use.watch_conversation,    use.read_updates,         needs.tokens, use.turns, needs.feed,
      needs.system.metrics, needs.system.grpc_figures, needs.settings.grpc.guest};
}

}  // namespace

struct GrpcLayer::Door {
  explicit Door(const Needs& needs)
      : chat{to_needs(needs)}, server{to_options(needs.settings, needs.descriptors), chat, needs.system.log} {}

  adapters::rpc::ChatDoor chat;
  infra::GrpcServer server;
};
#else
struct GrpcLayer::Door {
  struct NoServer {
    std::string bound_address() const { return {}; }
    void start_draining(std::chrono::milliseconds /*window*/) {}
    void stop() {}
  };
  explicit Door(const Needs& /*needs*/) { throw SettingsError{"grpc.listen is not part of this build"}; }

  NoServer server;
};
#endif

GrpcLayer::GrpcLayer(const Needs& needs) {
  if (!needs.settings.grpc.listen.empty()) door_ = std::make_unique<Door>(needs);
}

GrpcLayer::~GrpcLayer() = default;

std::string GrpcLayer::bound_address() const { return door_ ? door_->server.bound_address() : std::string{}; }

void GrpcLayer::start_draining(std::chrono::milliseconds window) {
  if (door_) door_->server.start_draining(window);
}

void GrpcLayer::stop() {
  if (door_) door_->server.stop();
}

}  // namespace danwa::app
