#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/protocol/http2/frame_guard.hpp"
#include "infra/net/descriptors.hpp"
#include "infra/net/io_threads.hpp"
#include "infra/net/listening.hpp"

namespace danwa::grpc {

class GuardedConnection;

/// Time limits of a connection and bounds of its buffers.
struct ConnectionLimits {
  std::chrono::milliseconds preface{5'000};        ///< from accept to the end of the client's preface
  std::chrono::milliseconds without_call{30'000};  ///< from accept, or the end of the last call, to GOAWAY
  std::chrono::milliseconds goodbye{2'000};        ///< from GOAWAY to the end of a connection without a call
  std::chrono::milliseconds last_bytes{2'000};     ///< for the client to take the last bytes of an ending connection
  std::size_t discarded = 256 * 1024;              ///< bytes read and dropped after the end
  std::chrono::milliseconds penalty{1'000};        ///< a refused client is held for this long, unread, before the close
  int pair_buffer = 64 * 1024;                     ///< bytes of the kernel between guard and gRPC, each way
  adapters::http2::GuardLimits frames{};
};

/// Limits and callbacks that a guarded connection gets from its owner. Callbacks run on the connection's io thread.
struct GuardContext {
  ConnectionLimits limits;
  /// Passes gRPC its end of a socket pair. False: gRPC takes no further socket, and the caller keeps the descriptor.
  std::function<bool(int)> hand_over;
  std::function<void(GuardedConnection&, std::string_view reason)> on_refusal;  ///< the client broke a rule
  std::function<void(GuardedConnection*)> on_gone;  ///< called by its destructor; its descriptors are closed
};

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
  GuardedConnection(std::shared_ptr<GuardContext> context, net::IoThread& io_thread, int socket);
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
    explicit End(boost::asio::io_context& io) : socket{io} {}
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

  const std::shared_ptr<GuardContext> context_;
  net::IoThread& io_thread_;
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

/// Accepts the connections of the gRPC endpoint on every address of its listen place. libgrpc's own listener (1.51)
/// never accepts again after one failed accept. This one survives a lack of descriptors: it closes the waiting
/// connections with a spare descriptor, pauses for 50 ms, and logs at most one line a second. Runs on: its io thread,
/// whose handlers hold it.
class ConnectionListener final : public std::enable_shared_from_this<ConnectionListener> {
 public:
  /// Gets a connected, nonblocking socket and owns it. Called on the io thread.
  using OnSocket = std::function<void(int)>;

  /// Binds and listens. Throws std::runtime_error with one line if it fails.
  ConnectionListener(net::IoThread& io_thread, const net::ListenPlace& place, OnSocket on_socket,
                     adapters::Logger& log);
  ~ConnectionListener();
  ConnectionListener(const ConnectionListener&) = delete;
  ConnectionListener& operator=(const ConnectionListener&) = delete;

  const std::string& bound_address() const { return bound_address_; }  ///< "host:port", with the real port

  void start();  ///< thread safe

  /// After this returns `on_socket` is not called any more. The io thread closes the listening sockets soon, and sets
  /// the result; then it uses `log` no more. Thread safe.
  std::future<void> stop();

 private:
  /// One address.
  struct Acceptor {
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer timer;
  };

  void wait(Acceptor& one);
  void accept_waiting(Acceptor& one);
  void pass_on(int socket);
  void rest(Acceptor& one, int error);
  void shed(Acceptor& one);

  net::IoThread& io_thread_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  adapters::Logger& log_;
  std::string bound_address_;
  int spare_;                                         // descriptor that is released when no other is free
  std::chrono::steady_clock::time_point reported_{};  // last log line

  std::mutex mutex_;  // guards what follows; held while `on_socket_` runs
  const OnSocket on_socket_;
  bool stopped_ = false;
};

/// All guarded connections of the gRPC port. They hold it, because the io threads go on after the server has ended.
/// Thread safe.
class ConnectionGuard final : public std::enable_shared_from_this<ConnectionGuard> {
 public:
  /// `hand_over` passes a connected socket to gRPC, which then owns it; not called after `stop_handing_over`.
  /// `descriptors` is the budget in which each connection counts three descriptors: its socket and both ends of the
  /// pair. Null: no budget.
  ConnectionGuard(const ConnectionLimits& limits, std::function<void(int)> hand_over,
                  net::DescriptorBudget::Share* descriptors, adapters::Logger& log);
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;

  /// Takes a connected, nonblocking socket. If the budget has no descriptors left, the socket is closed, and so are the
  /// connections that have carried no call for the longest time: the client finds a free place when it comes again.
  void add(net::IoThread& io_thread, int socket);

  /// After this returns gRPC gets no further socket. Connections that gRPC does not serve yet are closed.
  void stop_handing_over();

  void close_all();
  std::size_t size() const;

 private:
  bool hand_over(int socket);
  void report(const std::string& peer, std::string_view reason);
  void make_room();
  void forget(GuardedConnection* connection);
  template <class Action>
  void for_each(Action action);

  std::function<void(int)> to_grpc_;
  net::DescriptorBudget::Share* const descriptors_;
  adapters::Logger& log_;
  GuardContext context_;
  mutable std::mutex mutex_;  // connections come and go on all io threads; held for an operation of the map
  std::unordered_map<GuardedConnection*, std::weak_ptr<GuardedConnection>> connections_;

  std::chrono::steady_clock::time_point made_room_{};  // last call of make_room() that closed connections

  std::mutex handing_over_;  // held while gRPC takes a socket: gRPC's shutdown must not run meanwhile
  bool stopped_ = false;

  std::mutex reporting_;
  std::chrono::steady_clock::time_point reported_{};  // last log line
  std::uint64_t refused_ = 0;                         // refusals since that line
};

}  // namespace danwa::grpc
