#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "adapters/http/handshake.hpp"
#include "adapters/http/message.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/protocol/websocket/frame_parser.hpp"
#include "adapters/updates/event_stream.hpp"
#include "domain/core/time.hpp"
#include "infra/beast/live_registry.hpp"
#include "infra/beast/stream_socket.hpp"
#include "infra/beast/thread_streams.hpp"
#include "infra/beast/timer_wheel.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/updates.hpp"

namespace danwa::beast {

/// The message of a live stream before its token ends, so that the client gets a new token in time.
inline std::string expiry_notice(domain::Timestamp expires_at) {
  return R"({"type":"token-expiring","payload":{"expiresAt":")" + domain::to_rfc3339(expires_at) + R"("}})";
}

/// The reason with which the server ends a stream; the codes are those of a WebSocket.
struct CloseReason {
  adapters::websocket::CloseCode code;
  std::string reason;
  std::optional<std::chrono::milliseconds> retry_after;
};

/// The node stops or sheds load: the client should connect again after that time, to any node.
inline CloseReason going_away(std::chrono::milliseconds retry_after) {
  return {adapters::websocket::CloseCode::going_away, "retry-after=" + std::to_string(retry_after.count()),
          retry_after};
}

/// A live stream, from its first answer to the end of its socket, whatever its wire format. It takes batches from the
/// feed, writes each with one gathered call, says `ready` when the kernel has taken all of it, keeps the times of
/// heartbeats, silence and closing, and ends with its lease. While it waits it holds no buffer.
///
/// If a comment is removed before the first byte of its frame was written, the frame goes out without its text. Runs
/// on: the connection's io thread; `deliver`, `end`, `on_lease_...`, `drain` and `stop` may be called from any thread.
class StreamSession : public delivery::Watcher,
                      public LiveConnection,
                      public usecase::LeaseOwner,
                      public SocketEvents,
                      public TimerWheel::Entry,
                      public std::enable_shared_from_this<StreamSession> {
 public:
  struct Parts {
    std::unique_ptr<StreamSocket> socket;
    ThreadStreams& streams;  ///< of the socket's io thread
    StreamContext& context;
    usecase::LeasePtr lease;  ///< null: none yet
  };
  ~StreamSession() override;

  /// Sends `head`, starts the watch if there is one, then handles `leftover` as the client's first bytes.
  void start(std::string head, std::optional<usecase::Watch> watch, std::string leftover);

  void deliver(delivery::FrameBatch frames) override;
  void end(delivery::WatchCloseReason reason) override;
  void on_lease_ending() override;
  void on_lease_end(usecase::LeaseEnd why) override;
  void drain(std::chrono::milliseconds delay, std::chrono::milliseconds retry_after) override;
  void stop() override;
  void stop_now() { close(); }  ///< on the io thread

  /// Writes what has come since the last turn.
  void write_turn();

 protected:
  using Clock = TimerWheel::Clock;

  StreamSession(delivery::Gauge& gauge, Parts parts);

  /// Adds the pieces of the frame, as they go on the wire.
  virtual void wrap(const delivery::Frame& frame, Gather& out) = 0;
  /// For streams that create their frames at the moment of writing, instead of batches. `make_late` returns the bytes
  /// of one frame, or none, and is called again until `on_late_begun`. It may append to `unsent`, which is written
  /// before.
  virtual bool has_late() const { return false; }
  virtual std::string make_late() { return {}; }
  virtual void on_late_begun() {}
  /// The next wrapped frame follows the last frame that was begun.
  virtual void wrap_again() {}
  /// The first byte of a frame was written.
  virtual void on_begun(const delivery::Frame& /*frame*/) {}
  /// Handles bytes from the client; it may change them in place.
  virtual void take(std::span<char> bytes) = 0;
  /// Appends a heartbeat. True: the client must answer it.
  virtual bool append_heartbeat(std::string& out) = 0;
  virtual void append_expiry_warning(std::string& out, domain::Timestamp expires_at) = 0;
  virtual void append_goodbye(std::string& out, const CloseReason& close_reason) = 0;
  /// True if neither side owes the other anything. Called when everything is written.
  virtual bool may_hang_up() const = 0;
  /// The client gave no sign of life for too long.
  virtual void on_silence() = 0;

  /// For streams with more traffic than one watch.
  virtual void on_start() {}    ///< before the client's first bytes
  virtual void on_drained() {}  ///< everything is written and the stream is open; may be called repeatedly
  virtual void on_end() {}      ///< the stream is not open any more; once
  virtual bool takes_more() const { return true; }  ///< false: the client's bytes stay in the socket
  virtual Clock::time_point alarm() const { return Clock::time_point::max(); }
  virtual void on_alarm() {}
  virtual void on_beat() {}  ///< a heartbeat is sent
  /// Close code for the end of the credential.
  virtual adapters::websocket::CloseCode lease_end_code() const { return adapters::websocket::CloseCode::unauthorized; }

  bool is_open() const { return phase_ == Phase::open; }
  bool is_hanging_up() const { return phase_ >= Phase::hanging_up; }
  const StreamLimits& limits() const { return context_.limits; }
  StreamContext& context() { return context_; }
  std::string& unsent() { return unsent_; }  ///< written before the next frame; call `flush` afterwards
  std::size_t unsent_size() const { return unsent_.size(); }
  std::size_t unsent_answers() const { return unsent_.size() - begun_; }  ///< without the rest of a begun frame

  /// Calls `call(*this)` on the io thread, in the order of these calls. Thread safe.
  template <class Call>
  void hand_over(Call call) {
    streams_.thread().post([self = shared_from_this(), call = std::move(call)]() mutable { call(*self); });
  }
  void hold(usecase::LeasePtr lease, std::chrono::milliseconds warning);
  void schedule();  ///< after `alarm` has changed

  void show_life();  ///< the client gave a sign of life
  void flush();
  void end_stream(const CloseReason& close_reason);
  void close();  ///< closes the socket at once
  void reset();  ///< the same, and discards the bytes that the client has not read

 private:
  enum class Phase : std::uint8_t { open, closing, hanging_up, closed };
  static constexpr std::size_t kBatch = 16;  // frames; with as many no further batch is asked for

  void on_batch(delivery::FrameBatch frames);
  void on_drain(std::chrono::milliseconds delay, std::chrono::milliseconds retry_after);
  void on_lease_notice();
  void on_lease_end_notice(usecase::LeaseEnd why);
  void on_readable() override;
  void on_writable() override;
  void on_due(Clock::time_point now) override;

  bool has_unwritten() const { return !unsent_.empty() || next_ < batch_.size() || (is_open() && has_late()); }
  bool takes_batch() const { return !stalled_ && batch_.size() - next_ < kBatch; }
  void ask_for_more();
  bool write_once();
  Gather& gather();
  void consume(const Gather& written, std::size_t size);
  void on_written();
  void hang_up();
  void stop_watching();
  void shut();
  bool reads() const { return phase_ != Phase::open || takes_more(); }
  void wait_readable();

  void keep_time(Clock::time_point now);
  void warn_of_end();
  void beat(Clock::time_point now);
  bool owes_life() const { return stalled_ || unanswered_; }
  Clock::time_point silence_due() const {
    return silent_since_ + (stalled_ ? limits().stall_timeout : limits().pong_timeout);
  }

  StreamContext& context_;
  ThreadStreams& streams_;
  delivery::Gauge& gauge_;
  std::unique_ptr<StreamSocket> socket_;
  std::unique_ptr<delivery::Subscription> subscription_;
  LiveRegistry::Place place_;

  delivery::FrameBatch batch_;  // being written
  std::size_t next_ = 0;        // index of its first frame without a byte on the wire
  std::string unsent_;          // written before that frame: the rest of a begun frame, control frames
  std::size_t begun_ = 0;       // size of the rest of a begun frame

  usecase::LeasePtr lease_;
  Clock::time_point heartbeat_at_;
  Clock::time_point silent_since_;  // counts while a sign of life is owed: a pong, or space for a stalled write
  Clock::time_point drain_at_ = Clock::time_point::max();  // max: no drain is ordered
  std::chrono::milliseconds retry_after_{};                // of that drain
  Phase phase_ = Phase::open;
  bool stalled_ = false;       // the kernel takes no more bytes; on_writable follows
  bool listening_ = false;     // waits for the client's next bytes
  bool unanswered_ = false;    // a heartbeat awaits its answer
  bool ends_soon_ = false;     // the lease does; the warning follows the first batch
  bool greeted_ = false;       // the first batch, with `watching`, was written
  bool asked_ = false;         // the feed was told `ready` since its last batch
  bool writes_later_ = false;  // `write_turn` follows
};

/// Turns a connection into a WebSocket after its request was allowed and its handshake checked: answers 101 and starts
/// the watch. `leftover` holds the bytes that the client sent after the head. Runs on: the socket's own io_context.
/// Never throws because of the client.
void start_websocket(boost::asio::ip::tcp::socket socket, StreamContext& context,
                     const adapters::http::WebSocketKey& key, adapters::http::OpenStream open, std::string leftover);

/// The same for a WebSocket whose messages an adapter handles; starts no watch.
void start_messages(boost::asio::ip::tcp::socket socket, StreamContext& context,
                    const adapters::http::WebSocketKey& key, adapters::http::OpenMessages open, std::string leftover);

/// Parameters of the head of an SSE answer.
struct SseHead {
  adapters::sse::Framing framing;
  adapters::sse::Headers more;  ///< in addition to those of every SSE answer
};

/// The same for an SSE stream: answers 200 `text/event-stream` and starts the watch.
void start_sse(boost::asio::ip::tcp::socket socket, StreamContext& context, const SseHead& head,
               adapters::http::OpenStream open, std::string leftover);

}  // namespace danwa::beast
