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

/// One client of the gRPC port. It owns the client's socket, and a pair of sockets whose other end belongs to gRPC,
/// and carries bytes between them as far as the frame guard accepts them. gRPC gets its end once the client's preface
/// is whole.
///
/// Ends a connection that breaks a rule (GOAWAY with the reason at once, the end a second later, so that a client that
/// comes again and again costs little), that carries no call for a while (GOAWAY, NO_ERROR:
/// clients connect again without a word when they need to), that does not leave after gRPC's own GOAWAY.
///
/// Bounded: it reads from one side only when the other has taken everything, so that a slow reader is felt by gRPC
/// and a slow gRPC by the client. It holds at most one read of 16 KiB and one header block each way.
/// Runs on: its lane; any thread may call what is public, but for `peer`.
class GuardedConnection final : public std::enable_shared_from_this<GuardedConnection> {
 public:
  /// `socket`: connected, nonblocking; the connection's from now on.
  GuardedConnection(GuardContext& context, boost::asio::io_context& lane, int socket);
  ~GuardedConnection();
  GuardedConnection(const GuardedConnection&) = delete;
  GuardedConnection& operator=(const GuardedConnection&) = delete;

  void start();
  void close();                ///< at once
  void close_unless_served();  ///< at once, where gRPC has no part in it yet

  void make_room();  ///< ends it politely, unless it carries a call

  /// Since when it carries no call; Time::max(): it carries one.
  std::chrono::steady_clock::time_point free_since() const { return free_since_; }

  std::string peer();  ///< "host:port" of the client; empty when it is gone

 private:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  struct End {
    explicit End(boost::asio::io_context& lane) : socket{lane} {}
    boost::asio::posix::stream_descriptor socket;
    std::string pending;  // bytes for it that it has not taken
    std::size_t taken = 0;
    bool reads = false;   // waits until there is something to read
    bool writes = false;  // waits until it takes more
    bool ended = false;   // it sends no more
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
  End server_;  // our end of gRPC's
  adapters::http2::FrameGuard guard_;
  boost::asio::steady_timer timer_;
  Time armed_ = Time::max();  // when the timer fires
  const Time opened_ = Clock::now();
  Time idle_since_ = opened_;              // where no call is open
  std::uint32_t latest_call_ = 0;          // the last stream that the client has opened
  bool calls_ = false;                     // one is open
  std::atomic<Time> free_since_{opened_};  // `idle_since_` for other threads
  Time leaving_since_ = Time::max();       // GOAWAY was said
  Time closing_by_ = Time::max();          // the end is under way
  std::size_t discarded_ = 0;              // bytes since then
  bool finishing_ = false;                 // nothing is carried any more
  bool refused_ = false;                   // nothing is read any more, either
  bool closed_ = false;
};

}  // namespace danwa::infra
