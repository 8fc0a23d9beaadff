#pragma once

#include <string>
#include <string_view>

#include "app/client/bench/event_loop.hpp"
#include "infra/client/endpoint.hpp"

namespace danwa::app::bench {

/// A non-blocking connection that hands its bytes to its owner. Runs on: the load tool's thread.
class Connection : public Handler {
 public:
  explicit Connection(EventLoop& loop) : loop_{loop} {}
  ~Connection() override { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const { return fd_ >= 0 && !connecting_; }

 protected:
  /// Begins to connect, to the addresses of `node` in order; `on_connected` or `on_broken` follows, `on_broken` perhaps
  /// at once. `node` outlives this.
  void connect(const infra::Endpoint& node);
  void disconnect();
  void send(std::string_view bytes);
  EventLoop& loop() { return loop_; }

  virtual void on_connected() = 0;
  /// `bytes` is all that came and was not consumed yet; tells how much of it is consumed now.
  virtual std::size_t on_bytes(std::string_view bytes) = 0;
  /// The connection is gone; it was let go already.
  virtual void on_broken(const char* why) = 0;

 private:
  void on_ready(std::uint32_t events) final;
  void try_next();
  void finish_connecting();
  void read();
  void take(std::string_view bytes);
  void flush();
  void broken(const char* why);

  EventLoop& loop_;
  const infra::Endpoint* node_ = nullptr;
  std::uint16_t tried_ = 0;  // addresses of the node
  int fd_ = -1;
  bool connecting_ = false;
  bool wants_write_ = false;
  std::uint32_t life_ = 0;  // grows with each connection: tells whether a callback ended this one
  std::string in_;          // what on_bytes has left over
  std::string out_;         // what the socket did not take
};

}  // namespace danwa::app::bench
