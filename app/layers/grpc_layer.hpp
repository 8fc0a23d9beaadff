#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/delivery/update_feed.hpp"
#include "app/layers/system_layer.hpp"
#include "app/layers/usecase_layer.hpp"
#include "app/settings/settings.hpp"
#include "infra/net/descriptor_budget.hpp"
#include "usecase/ports/token_verifier.hpp"

namespace danwa::app {

/// The gRPC endpoint, if the settings ask for it and the build contains it.
class GrpcLayer {
 public:
  struct Needs {
    const Settings& settings;
    SystemLayer& system;
    const usecase::TokenVerifier& tokens;
    adapters::UpdateFeed& feed;  ///< the source of updates for streams
    UsecaseLayer& usecases;
    net::DescriptorBudget::Share& descriptors;
  };
  /// Throws SettingsError if `grpc.listen` is set in a build without gRPC.
  explicit GrpcLayer(const Needs& needs);
  ~GrpcLayer();  ///< stops
  GrpcLayer(const GrpcLayer&) = delete;
  GrpcLayer& operator=(const GrpcLayer&) = delete;

  std::string bound_address() const;  ///< empty: it is off

  /// Ends the streams, spread over `window`. Returns at once; `stop` waits for the end.
  void start_draining(std::chrono::milliseconds window);
  void stop();

 private:
  struct Door;
  std::unique_ptr<Door> door_;  ///< null: off
};

}  // namespace danwa::app
