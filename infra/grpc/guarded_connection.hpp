#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/http2/frame_guard.hpp"
#include "infra/grpc/guard_context.hpp"

namespace danwa::infra {

/// One client of the gRPC port. It owns the client's socket and one end of a socket pair; gRPC owns the other end. It
/// copies bytes between the two as far as the frame guard accepts them. gRPC gets its end after the client's HTTP/2
/// preface is complete.
///
/// It ends a connection in three cases:
/// - the client breaks a rule: GOAWAY with the reason at once, the close a second later, so that a client which
///   reconnects in a loop costs little;
/// - the connection carries no call for a while: GOAWAY with NO_ERROR, after which clients reconnect by themselves;
/// - the client does not leave after gRPC's own GOAWAY.
///
/// Bounded: it reads from one side only after the other side has taken everything. So a slow client slows gRPC down,
/// and a slow gRPC slows the client down. It holds at most one read of 16 KiB and one header block each way. Runs on:
/// its io thread. Any thread may call the public methods, except `peer`.
class GuardedConnection final : public std::enable_shared_from_this<GuardedConnection> {
 public:
  /// Owns `socket`, which is connected and nonblocking.
  GuardedConnection(GuardContext& context, boost::asio::io_context& lane, int socket);
  ~GuardedConnection();
  GuardedConnection(const GuardedConnection&) = delete;
  GuardedConnection& operator=(const GuardedConnection&) = delete;

  void start();
  void close();                ///< at once
  void close_unless_served();  ///< at once, if gRPC does not serve it yet
  void make_room();            ///< ends it with GOAWAY, unless it carries a call

  /// The time since which it carries no call; Time::max(): it carries one.
  std::chrono::steady_clock::time_point free_since() const { return free_since_; }

  std::string peer();  ///< "host:port" of the client; empty if it is gone

 private:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  struct End {
    explicit End(boost::asio::io_context& lane) : socket{lane} {}
    boost::asio::posix::stream_descriptor socket;
    std::string pending;  // bytes that the kernel has not taken yet
    std::size_t taken = 0;
    bool reads = false;   // a wait for readability is in progress
    bool writes = false;  // a wait for writability is in progress
    bool ended = false;   // end of its stream of bytes
    bool has_pending() const { return !pending.empty(); }
  };

  void wait_read(End& end);
  void wait_write(End& end);
  void on_readable(End& end);
  void pump_client();
  void pump_server();
  long read_from(End& end);
  bool open_server();
  bool send(End& to, std::string_view first, std::string_view second);
  bool fail(End& to);
  void flush(End& to);
  void on_flushed(End& to);
  void end_of_client();
  void end_of_server();

  void after_frames(Time now);
  void refuse();
  void say_goodbye(Time now);
  void leave();
  void stop_carrying(Time by);
  void finish(std::string_view last_words);
  void discard();
  void close_now();

  Time due() const;
  void set_timer();
  void on_timer();

  GuardContext& context_;
  boost::asio::io_context& lane_;
  End client_;
  End server_;  // this side of the socket pair
  adapters::http2::FrameGuard guard_;
  boost::asio::steady_timer timer_;
  Time armed_ = Time::max();  // when the timer fires
  const Time opened_ = Clock::now();
  Time idle_since_ = opened_;              // valid while no call is open
  std::uint32_t latest_call_ = 0;          // the last stream that the client has opened
  bool calls_ = false;                     // a call is open
  std::atomic<Time> free_since_{opened_};  // `idle_since_` for other threads
  Time leaving_since_ = Time::max();       // when GOAWAY was sent
  Time closing_by_ = Time::max();          // deadline of an end in progress
  std::size_t discarded_ = 0;              // bytes read and dropped since `finishing_`
  bool finishing_ = false;                 // no byte is copied any more
  bool refused_ = false;                   // nor is any byte read
  bool closed_ = false;
};

}  // namespace danwa::infra
