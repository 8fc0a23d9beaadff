#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/router.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/beast/stream_socket.hpp"
#include "infra/net/descriptors.hpp"
#include "infra/net/io_threads.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::beast {

struct HttpOptions {
  std::string listen = "127.0.0.1:8080";  ///< "host:port"; port 0: any free one
  bool loopback_only = false;             ///< rejects a name that also has an address outside loopback
  std::size_t max_connections = 100'000;  ///< more are answered 503 with `Retry-After`
  /// Share of its connections in the node's descriptors; beyond it, as beyond `max_connections`. Null: no bound.
  net::DescriptorBudget::Share* descriptors = nullptr;

  std::size_t max_head = 16 * 1024;              ///< bytes of request line and headers: 431
  std::size_t max_target = 8 * 1024;             ///< bytes of the request target: 414
  std::size_t max_headers = 100;                 ///< lines: 431
  std::size_t max_body = 64 * 1024;              ///< bytes: 413
  std::chrono::milliseconds head_time{10'000};   ///< for a whole head, from its first byte: 408
  std::chrono::milliseconds body_time{30'000};   ///< for a whole body: 408
  std::chrono::milliseconds idle_time{75'000};   ///< between two requests; then closed without an answer
  std::chrono::milliseconds write_time{30'000};  ///< for a whole answer: closed

  /// Accepted `Host` values; others are answered 421. A value without a port accepts any port. Empty: every well-formed
  /// host is accepted. Routes that the router marks for any host accept every value.
  std::vector<std::string> allowed_hosts{};
  /// Accepted `Origin` values; others are answered 403. A value without a port accepts any port. An origin equal to the
  /// `Host` is always accepted. Empty: every origin is accepted.
  std::vector<std::string> allowed_origins{};

  bool log_requests = false;  ///< one line for every answer, at debug level

  StreamLimits streams{};
};

/// The HTTP/1.1 server: a listener, its connections, and the live streams that connections turn into. They live on the
/// io threads. Thread safe after construction; the referenced objects outlive it. Once it was started, the io threads
/// end before it is destroyed, because their handlers use it.
class HttpServer {
 public:
  /// Binds. Throws std::runtime_error with one clear line if it cannot.
  HttpServer(HttpOptions options, net::IoThreads& threads, const adapters::http::Router& router,
             delivery::UpdateFeed& feed, adapters::Logger& log, adapters::Metrics& metrics,
             const usecase::Clock& clock);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void start();
  std::string bound_address() const;  ///< "host:port", with the real port

  /// Stops accepting, closes idle connections, lets running requests finish (long polls answer at once), and ends the
  /// live streams, spread over `window`. Returns when no connection is left, at the latest one second after `window`.
  void drain(std::chrono::milliseconds window);

  /// Closes the remaining connections. Takes at most a second, also when a handler blocks. Idempotent.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::beast
