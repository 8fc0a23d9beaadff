#pragma once

#include <string>
#include <string_view>

#include "app/client/bench/event_loop.hpp"
#include "infra/client/endpoint.hpp"

namespace danwa::app::bench {

/// A non-blocking connection that passes its bytes to a derived class. Runs on: the load tool's thread.
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
  /// `bytes` are all bytes that were not consumed yet. Returns the number of bytes consumed now.
  virtual std::size_t on_bytes(std::string_view bytes) = 0;
  /// The connection was lost and is closed.
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
  std::uint16_t tried_ = 0;  // addresses of the node that were tried
  int fd_ = -1;
  bool connecting_ = false;
  bool wants_write_ = false;
  std::uint32_t life_ = 0;  // grows with each disconnect: shows whether a callback ended the connection
  std::string in_;          // bytes that on_bytes has not consumed
  std::string out_;         // bytes that the socket has not taken
};

}  // namespace danwa::app::bench
