#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/http/router.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/beast/stream_limits.hpp"
#include "infra/net/descriptor_budget.hpp"
#include "usecase/ports/clock.hpp"

namespace danwa::infra {

struct HttpOptions {
  std::string listen = "127.0.0.1:8080";  ///< "host:port"; port 0: any free one
  bool loopback_only = false;             ///< refuse to listen on a name with an address off loopback
  std::size_t threads = 0;                ///< 0: one per core
  std::size_t max_connections = 100'000;  ///< more are answered 503 with `Retry-After`
  /// What its connections may take of the descriptors of the node; above: as above `max_connections`. Null: no bound.
  net::DescriptorBudget::Share* descriptors = nullptr;

  std::size_t max_head = 16 * 1024;              ///< bytes of request line and headers: 431
  std::size_t max_target = 8 * 1024;             ///< bytes of the request target: 414
  std::size_t max_headers = 100;                 ///< lines: 431
  std::size_t max_body = 64 * 1024;              ///< bytes: 413
  std::chrono::milliseconds head_time{10'000};   ///< for a whole head, from its first byte: 408
  std::chrono::milliseconds body_time{30'000};   ///< for a whole body: 408
  std::chrono::milliseconds idle_time{75'000};   ///< between two requests: closed without a word
  std::chrono::milliseconds write_time{30'000};  ///< for a whole answer: closed

  /// `Host` values that are answered, others 421; without port: any port. Empty: every well-formed one. The
  /// router's routes for any host are answered all the same.
  std::vector<std::string> allowed_hosts{};
  /// `Origin` values that are answered, others 403; without port: any port. An origin that is the `Host`
  /// itself is always answered. Empty: every one.
  std::vector<std::string> allowed_origins{};

  bool log_requests = false;  ///< a line for every answer, at debug

  StreamLimits streams{};
};

/// The HTTP/1.1 door: a listener, its connections and the live streams that they turn into. Thread safe
/// after construction; the referred objects outlive it.
class HttpServer {
 public:
  /// Binds. Throws std::runtime_error with one clear line when it cannot.
  HttpServer(HttpOptions options, const adapters::http::Router& router, adapters::UpdateFeed& feed,
             adapters::Logger& log, adapters::Metrics& metrics, const usecase::Clock& clock);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void start();
  std::string bound_address() const;  ///< "host:port", with the real port

  /// Stops accepting, closes idle connections, lets running requests finish (long polls answer at once)
  /// and ends the live streams, spread over `window`. Returns when all are gone, `window` and a second
  /// later at the latest.
  void drain(std::chrono::milliseconds window);

  /// Closes what is left and ends the threads; within a second, but for a handler that blocks.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::infra
