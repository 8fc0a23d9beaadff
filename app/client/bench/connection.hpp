#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/client/bench/event_loop.hpp"
#include "infra/client/endpoint.hpp"

namespace danwa::app::bench {

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
  void connect(const infra::Endpoint& node);
  void disconnect();
  void send(std::string_view bytes);
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

  EventLoop& loop_;
  const infra::Endpoint* node_ = nullptr;
  std::uint16_t tried_ = 0;  // addresses of the node that were tried
  int fd_ = -1;
  bool connecting_ = false;
  bool wants_write_ = false;
  std::uint32_t life_ = 0;  // grows with each disconnect: shows whether a callback ended the connection
  std::string in_;          // bytes that on_bytes has not consumed
  std::string out_;         // bytes that the socket has not taken
};

}  // namespace danwa::app::bench
