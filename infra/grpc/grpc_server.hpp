#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "adapters/grpc/chat_door.hpp"
#include "adapters/log/logger.hpp"
#include "infra/grpc/guard_context.hpp"
#include "infra/net/descriptor_budget.hpp"

namespace danwa::infra {

struct GrpcOptions {
  std::string listen = "127.0.0.1:0";              ///< "host:port"; port 0: any free one
  bool loopback_only = false;                      ///< refuse a name with an address off loopback
  std::size_t threads = 0;                         ///< that run use cases; 0: one per core
  std::size_t max_streams = 10'000;                ///< more end with RESOURCE_EXHAUSTED
  int max_streams_per_connection = 100;            ///< more wait at the client
  int max_request = 64 * 1024;                     ///< bytes: RESOURCE_EXHAUSTED
  int max_metadata = 16 * 1024;                    ///< bytes of what comes along with a call
  std::chrono::milliseconds handshake{5'000};      ///< a connection without HTTP/2 settings by then is closed
  std::chrono::milliseconds keepalive{20'000};     ///< every connection is pinged that often
  std::chrono::milliseconds pong_timeout{20'000};  ///< not answered for that long: closed
  std::chrono::milliseconds least_ping{10'000};    ///< a client that pings more often, twice, is sent away
  std::chrono::minutes connection_age{60};         ///< then new calls are asked to come on a new connection
  ConnectionLimits connections{};                  ///< what a client may do below HTTP/2's calls
  /// What its connections may take of the descriptors of the node; more are closed. Null: no bound.
  net::DescriptorBudget::Share* descriptors = nullptr;
};

/// The gRPC door: `chat.v1.ChatRoom`, its other names, health and reflection. Thread safe after construction; the
/// referred objects outlive it.
class GrpcServer {
 public:
  /// Binds and serves. Throws std::runtime_error with one clear line when it cannot.
  GrpcServer(const GrpcOptions& options, const adapters::rpc::ChatDoor& door, adapters::Logger& log);
  ~GrpcServer();  // stops
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  std::string bound_address() const;  ///< "host:port", with the real port

  /// Says NOT_SERVING to whoever asks for its health, refuses new streams and ends the open ones with UNAVAILABLE,
  /// spread over `window`. Returns at once.
  void start_draining(std::chrono::milliseconds window);

  /// Waits until the drain is over, a second beyond its window at most; then ends what is left, and the threads.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::infra
