#include "infra/beast/http_server.hpp"

#include <random>
#include <thread>
#include <utility>

#include "adapters/http/problem.hpp"
#include "infra/beast/http_session.hpp"
#include "infra/beast/listener.hpp"
#include "infra/beast/response_writer.hpp"

// A drain ends plain connections first (in half of the window) and live streams over the whole window, so that their
// clients do not reconnect to the other nodes all at once. `stop` closes the rest and waits a bounded time for running
// handlers, which resume on an io thread. What is left after that is destroyed with the io threads, which therefore end
// before the server is gone.

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kRetryAfter = 1'000ms;  // for clients of a draining node
constexpr auto kMaxDrain = 1'000ms;    // in addition to the window
constexpr auto kMaxStop = 1'000ms;
constexpr std::size_t kRefusals = 16;  // descriptors for connections that only get a 503

adapters::http::ReadLimits to_limits(const HttpOptions& options) {
  adapters::http::ReadLimits limits;
  limits.max_head = options.max_head;
  limits.max_target = options.max_target;
  limits.max_headers = options.max_headers;
  limits.max_body = options.max_body;
  return limits;
}

std::string random_prefix() {
  constexpr std::string_view kCommands = "abcdefghijkmnpqrstuvwxyz";
  std::random_device random;
  std::string prefix;
  for (int i = 0; i < 5; ++i) prefix += kCommands[random() % kCommands.size()];
  return prefix + '-';
}

net::ListenPlace listen_place(const HttpOptions& options) {
  return {.setting = "http.listen", .address = options.listen, .loopback_only = options.loopback_only};
}

}  // namespace

struct HttpServer::Impl {
  Impl(HttpOptions given, net::IoThreads& threads, const adapters::http::Router& router, delivery::UpdateFeed& feed,
       adapters::Logger& log, adapters::Metrics& metrics, const usecase::Clock& clock)
      : options{std::move(given)},
        connections{metrics, options.descriptors},
        live_streams{metrics, options.descriptors},
        streams{feed, log, metrics, clock, live_streams, options.streams},
        context{.options = options,
                .router = router,
                .connections = connections,
                .streams = streams,
                .limits = to_limits(options),
                .origins = {options.allowed_hosts, options.allowed_origins},
                .id_prefix = random_prefix()},
        listener{threads, listen_place(options), [this](auto socket) { on_socket(std::move(socket)); }, log} {}

  /// Beyond the limits a connection gets a 503; far beyond them it is closed at once.
  void on_socket(boost::asio::ip::tcp::socket socket) {
    if (connections.size() + live_streams.size() < options.max_connections && has_descriptors(0)) {
      return std::make_shared<HttpSession>(std::move(socket), context)->start();
    }
    // There are too many connections even for a polite 503.
    if (live_streams.size() >= 2 * options.max_connections || !has_descriptors(kRefusals)) return;
    auto refusal = adapters::http::problem(503, "too-many-connections", "This node has too many connections.");
    refuse_and_close(std::move(socket), std::move(refusal), streams, context.router.cors());
  }

  bool has_descriptors(std::size_t overdraft) const {
    return options.descriptors == nullptr || options.descriptors->has_room(1, overdraft);
  }

  bool wait_until_empty(SteadyClock::time_point deadline) {
    return connections.wait_empty(deadline) && live_streams.wait_empty(deadline);
  }

  HttpOptions options;
  LiveRegistry connections;
  LiveRegistry live_streams;
  StreamContext streams;
  HttpContext context;
  Listener listener;
};

HttpServer::HttpServer(HttpOptions options, net::IoThreads& threads, const adapters::http::Router& router,
                       delivery::UpdateFeed& feed, adapters::Logger& log, adapters::Metrics& metrics,
                       const usecase::Clock& clock)
    : impl_{std::make_unique<Impl>(std::move(options), threads, router, feed, log, metrics, clock)} {}

HttpServer::~HttpServer() { stop(); }

void HttpServer::start() { impl_->listener.start(); }

std::string HttpServer::bound_address() const { return impl_->listener.bound_address(); }

void HttpServer::drain(std::chrono::milliseconds window) {
  const auto deadline = SteadyClock::now() + window + kMaxDrain;
  impl_->context.draining = true;
  impl_->listener.stop();
  impl_->connections.drain(window / 2, kRetryAfter);
  impl_->live_streams.drain(window, kRetryAfter);
  impl_->wait_until_empty(deadline);
}

void HttpServer::stop() {
  const auto deadline = SteadyClock::now() + kMaxStop;
  impl_->listener.stop();
  impl_->connections.stop_all();
  impl_->live_streams.stop_all();
  impl_->wait_until_empty(deadline);
  const auto runs = [this] { return impl_->context.running + impl_->streams.running > 0; };
  while (runs() && SteadyClock::now() < deadline) std::this_thread::sleep_for(5ms);
}

}  // namespace danwa::beast
