#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infra/client/node_client.hpp"

namespace danwa::bench {

/// Microseconds of the monotonic clock.
std::int64_t now_us();

/// Gets the events of one file descriptor.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void on_ready(std::uint32_t events) = 0;
};

/// A bare epoll loop with timers. Runs on: the one thread of the load tool.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// `operation`: EPOLL_CTL_ADD or EPOLL_CTL_MOD.
  void control(int operation, int fd, std::uint32_t events, Handler& handler);
  void after(std::int64_t delay_us, std::function<void()> action);

  /// Runs due timers, then waits at most `wait_us` microseconds for events and runs their handlers.
  void turn(std::int64_t wait_us);

  /// A read buffer shared by all handlers, so an idle connection holds none.
  std::vector<char>& scratch() { return scratch_; }

 private:
  std::int64_t run_timers();

  int epoll_;
  std::multimap<std::int64_t, std::function<void()>> timers_;
  std::vector<char> scratch_;
};

/// A non-blocking connection that hands its bytes to its owner. Runs on: the load tool's thread.
///
/// The bytes are understood by Beast's parser of answers and by the server's parser of frames, and only received here:
/// a load tool must be cheaper than what it measures. Measured with 128 watchers of 350-byte updates, the CPU time of
/// the client for an update that comes alone, or with 3 or 15 others: this loop 8.6, 1.8, 0.54 us; the same over Asio
/// 10.5, 2.7, 0.56 us; Beast's WebSocket, which receives at most 1.5 KiB at once, 13.5, 4.6, 2.9 us.
class Connection : public Handler {
 public:
  explicit Connection(EventLoop& loop) : loop_{loop} {}
  ~Connection() override { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const { return fd_ >= 0 && !connecting_; }

 protected:
  /// Starts to connect to the addresses of `node` in order. `on_connected` or `on_broken` follows; `on_broken` may be
  /// called at once. `node` must outlive this.
  void connect(const client::Endpoint& node);
  void disconnect();
  void send(std::string_view bytes);
  /// While it is false, what comes stays in the socket: the sender meets a client that does not read.
  void set_reading(bool reading);
  EventLoop& loop() { return loop_; }

  virtual void on_connected() = 0;
  /// `bytes` is all that came and was not consumed yet; tells how much of it is consumed now.
  virtual std::size_t on_bytes(std::span<char> bytes) = 0;
  /// The connection is gone; it was let go already.
  virtual void on_broken(const char* why) = 0;

 private:
  void on_ready(std::uint32_t events) final;
  void try_next();
  void finish_connecting();
  void read();
  void take(std::span<char> bytes);
  void flush();
  void broken(const char* why);
  void await_events();

  EventLoop& loop_;
  const client::Endpoint* node_ = nullptr;
  std::uint16_t tried_ = 0;  // addresses of the node that were tried
  int fd_ = -1;
  bool connecting_ = false;
  bool wants_write_ = false;
  bool reading_ = true;
  std::uint32_t life_ = 0;  // grows with each disconnect: shows whether a callback ended the connection
  std::string in_;          // bytes that on_bytes has not consumed
  std::string out_;         // bytes that the socket has not taken
};

}  // namespace danwa::bench
