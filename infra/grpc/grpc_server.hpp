#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "adapters/grpc/chat_endpoint.hpp"
#include "adapters/log/logger.hpp"
#include "infra/grpc/guarded_connection.hpp"
#include "infra/net/descriptors.hpp"
#include "infra/net/io_threads.hpp"

namespace danwa::grpc {

struct GrpcOptions {
  std::string listen = "127.0.0.1:0";              ///< "host:port"; port 0: any free one
  bool loopback_only = false;                      ///< refuse a name that has an address outside loopback
  std::size_t max_streams = 10'000;                ///< more end with RESOURCE_EXHAUSTED
  int max_streams_per_connection = 100;            ///< more wait at the client
  int max_request = 64 * 1024;                     ///< bytes; a larger one ends with RESOURCE_EXHAUSTED
  int max_metadata = 16 * 1024;                    ///< bytes of a call's metadata
  std::chrono::milliseconds handshake{5'000};      ///< a connection without HTTP/2 settings by then is closed
  std::chrono::milliseconds keepalive{20'000};     ///< interval of the server's pings on every connection
  std::chrono::milliseconds pong_timeout{20'000};  ///< a connection that answers no ping for this long is closed
  std::chrono::milliseconds least_ping{10'000};    ///< a client that pings more often, twice, gets GOAWAY
  std::chrono::minutes connection_age{60};         ///< then GOAWAY: new calls use a new connection
  ConnectionLimits connections{};                  ///< limits of a connection below HTTP/2's calls
  /// Its share of the node's descriptors; connections beyond it are closed. Null: no bound.
  net::DescriptorBudget::Share* descriptors = nullptr;
};

/// The gRPC endpoint: `chat.v1.ChatRoom`, its other names, health and reflection. Its connections, calls and streams
/// live on the node's io threads, beside those of HTTP. Thread safe after construction.
///
/// The io threads must run until `stop` has returned. Then they may end or go on, before or after the destruction of
/// the server. The other objects that it refers to must outlive it.
class GrpcServer {
 public:
  /// Binds and serves. Throws std::runtime_error with one line if it fails.
  GrpcServer(const GrpcOptions& options, net::IoThreads& io_threads, const adapters::rpc::ChatEndpoint& endpoint,
             adapters::Logger& log);
  ~GrpcServer();  // stops
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  std::string bound_address() const;  ///< "host:port", with the real port

  /// The health service answers NOT_SERVING, new streams are refused, and open ones end with UNAVAILABLE, spread evenly
  /// over `window`. Returns at once.
  void start_draining(std::chrono::milliseconds window);

  /// Waits for the end of the drain, at most a second beyond its window. Then ends the remaining calls and connections,
  /// which takes at most two and a half seconds more. After it the io threads hold nothing of this server. Exceptions:
  /// a task that waits for a database longer than this, and what lives on an io thread that hangs. Such leftovers may
  /// still use `endpoint` and `log`, never this object. Not on an io thread. Idempotent.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::grpc
