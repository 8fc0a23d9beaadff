#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "infra/beast/http_server.hpp"
#include "infra/beast/raw_client.hpp"
#include "support/frames.hpp"
#include "support/quiet_logger.hpp"
#include "support/ticking_leases.hpp"
#include "support/websocket_frames.hpp"
#include "usecase/delivery/update_feed.hpp"

namespace danwa::beast {

/// A wall clock that a test moves.
class MovableClock final : public usecase::Clock {
 public:
  domain::Timestamp now() const override {
    const auto real = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return real + std::chrono::milliseconds{ahead_.load()};
  }
  void advance(std::chrono::milliseconds time) { ahead_ += time.count(); }

 private:
  std::atomic<std::int64_t> ahead_{0};
};

inline delivery::FramePtr make_frame(domain::Seq seq, std::string_view json) {
  const domain::ChannelKey channel{*domain::CompanyId::parse("demo"), domain::ChannelKind::conversation, "room"};
  return tests::raw_frame(channel, seq, json);
}

/// A feed whose batches the test hands out by itself. Thread safe.
class HandFeed final : public delivery::UpdateFeed {
 public:
  struct Watch {
    Watch(usecase::Watch asked, std::weak_ptr<delivery::Watcher> asker)
        : wanted{std::move(asked)}, watcher{std::move(asker)} {}

    usecase::Watch wanted;
    std::weak_ptr<delivery::Watcher> watcher;
    std::atomic<int> readies{0};
    std::atomic<bool> gone{false};

    bool deliver(delivery::FrameBatch frames) const {
      const auto alive = watcher.lock();
      if (alive) alive->deliver(std::move(frames));
      return alive != nullptr;
    }
    void end(delivery::WatchCloseReason reason) const {
      if (const auto alive = watcher.lock()) alive->end(reason);
    }
  };

  std::unique_ptr<delivery::Subscription> watch(usecase::Watch wanted,
                                                std::weak_ptr<delivery::Watcher> watcher) override {
    auto watch = std::make_shared<Watch>(std::move(wanted), std::move(watcher));
    const std::lock_guard lock{mutex_};
    watches_.push_back(watch);
    return std::make_unique<Held>(std::move(watch));
  }

  std::size_t count() const {
    const std::lock_guard lock{mutex_};
    return watches_.size();
  }
  std::size_t gone() const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(
        std::count_if(watches_.begin(), watches_.end(), [](const auto& watch) { return watch->gone.load(); }));
  }
  std::shared_ptr<Watch> at(std::size_t index) const {
    const std::lock_guard lock{mutex_};
    return watches_.at(index);
  }

 private:
  struct Held final : delivery::Subscription {
    explicit Held(std::shared_ptr<Watch> held) : watch{std::move(held)} {}
    ~Held() override { watch->gone = true; }
    void ready() override { ++watch->readies; }
    std::shared_ptr<Watch> watch;
  };

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Watch>> watches_;
};

/// A frame as a server sent it.
struct ServerFrame {
  int opcode = -1;  ///< -1: the connection ended before
  std::string payload;

  int close_code() const {
    if (opcode != 8 || payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
  }
  std::string reason() const { return payload.size() > 2 ? payload.substr(2) : ""; }
};

inline std::string upgrade(std::string_view more = "") {
  return get("/ws",
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                 std::string{more});
}

/// A client of raw bytes that can read frames.
class WsClient : public RawClient {
 public:
  explicit WsClient(int port, std::string_view request = upgrade(), int receive_buffer = 0)
      : RawClient{port, receive_buffer} {
    send(request);
  }

  std::optional<std::string> read_exactly(std::size_t size) {
    while (read_.size() < size) {
      if (!read_more()) return std::nullopt;
    }
    auto bytes = read_.substr(0, size);
    read_.erase(0, size);
    return bytes;
  }

  /// Forgets all up to `text`, that included; false when it does not come.
  bool read_until(std::string_view text) {
    while (read_.find(text) == std::string::npos) {
      if (!read_more()) return false;
    }
    read_.erase(0, read_.find(text) + text.size());
    return true;
  }

  ServerFrame read_frame() {
    const auto start = read_exactly(2);
    if (!start) return {};
    std::size_t size = static_cast<unsigned char>((*start)[1]);
    if (size >= 126) {
      const auto length = read_exactly(size == 126 ? 2 : 8);
      if (!length) return {};
      size = 0;
      for (const char c : *length) size = size << 8 | static_cast<unsigned char>(c);
    }
    auto payload = read_exactly(size);
    if (!payload) return {};
    return {static_cast<unsigned char>((*start)[0]) & 15, std::move(*payload)};
  }

  /// The next frame that is no ping.
  ServerFrame read_answer_frame() {
    auto frame = read_frame();
    while (frame.opcode == 9) frame = read_frame();
    return frame;
  }
};

inline StreamLimits quick_limits() {
  StreamLimits limits;
  limits.close_timeout = std::chrono::milliseconds{300};
  return limits;
}

/// A server whose `GET /ws` opens a WebSocket and `GET /sse` an SSE stream on a HandFeed.
class StreamServer {
 public:
  explicit StreamServer(StreamLimits limits = quick_limits(),
                        std::optional<std::chrono::milliseconds> token_life = std::nullopt)
      : token_life_{token_life}, server_{options(limits), threads_, routes(), feed, log, metrics, clock} {
    server_.start();
  }
  ~StreamServer() {
    leases.stop();
    server_.stop();
    threads_.end();
  }
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  HttpServer* operator->() { return &server_; }
  int port() const {
    const auto address = server_.bound_address();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }
  /// The watch of the `index`-th stream, once it is there.
  std::shared_ptr<HandFeed::Watch> watch(std::size_t index = 0) {
    return eventually([&] { return feed.count() > index; }) ? feed.at(index) : nullptr;
  }
  bool is_clean() const {
    return metrics.sockets.value() == 0 && metrics.websockets.value() == 0 && metrics.sse_streams.value() == 0 &&
           feed.gone() == feed.count();
  }

  HandFeed feed;
  MovableClock clock;
  tests::TickingLeases leases{clock};
  tests::QuietLogger log;
  adapters::Metrics metrics;

 private:
  static HttpOptions options(StreamLimits limits) {
    HttpOptions options;
    options.listen = "127.0.0.1:0";
    options.streams = limits;
    return options;
  }

  usecase::Async<adapters::http::Reply> open(adapters::http::StreamKind kind, adapters::http::Request request) {
    domain::ChannelKey room{*domain::CompanyId::parse("demo"), domain::ChannelKind::conversation, "room"};
    adapters::http::OpenStream stream{kind, usecase::Watch::of(std::move(room), std::nullopt), std::nullopt, nullptr};
    if (request.header("sec-websocket-protocol")) stream.subprotocol = "danwa.v1";
    if (token_life_) stream.lease = leases.until(clock.now() + *token_life_);
    co_return stream;
  }

  const adapters::http::Router& routes() {
    using adapters::http::StreamKind;
    router_.add("GET", "/ws", [this](auto request, auto) { return open(StreamKind::websocket, std::move(request)); });
    router_.add("GET", "/sse", [this](auto request, auto) { return open(StreamKind::sse, std::move(request)); });
    return router_;
  }

  std::optional<std::chrono::milliseconds> token_life_;
  adapters::http::Router router_;
  net::IoThreads threads_{2};
  HttpServer server_;  // last: it uses all the above
};

}  // namespace danwa::beast
