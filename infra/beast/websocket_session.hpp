#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http/message.hpp"
#include "adapters/protocol/websocket/frame_parser.hpp"
#include "adapters/updates/event_stream.hpp"
#include "infra/beast/stream_session.hpp"

namespace danwa::beast {

/// A live stream as `text/event-stream`: every frame of the feed is one event. The client sends nothing after its
/// request; bytes that arrive anyway are discarded up to a bound.
class SseSession final : public StreamSession {
 public:
  SseSession(Parts parts, adapters::sse::Framing framing);

 private:
  void wrap(const delivery::Frame& frame, Gather& out) override;
  void wrap_again() override {
    ids_.rewind();
    tells_retry_ = told_retry_;
  }
  void on_begun(const delivery::Frame& frame) override {
    ids_.begun(frame);
    told_retry_ = true;
  }
  void take(std::span<char> bytes) override;
  bool append_heartbeat(std::string& out) override;
  void append_expiry_warning(std::string& out, domain::Timestamp expires_at) override;
  void append_goodbye(std::string& out, const CloseReason& close_reason) override;
  bool may_hang_up() const override { return true; }
  void on_silence() override { reset(); }

  adapters::sse::EventIds ids_;
  bool told_retry_ = false;    // the block with the `retry` line was begun
  bool tells_retry_ = false;   // it was wrapped, or was begun before
  std::size_t forgotten_ = 0;  // discarded bytes of the client
  adapters::sse::Framing framing_;
};

/// A live stream over a WebSocket: every frame of the feed is one text message, framed in advance. The client needs to
/// send only pongs and a close. Its text messages are checked and discarded, and `Allowance` limits them and control
/// frames. A binary message ends the stream with 1003, a malformed one as RFC 6455 requires.
class WebSocketSession : public StreamSession {
 public:
  explicit WebSocketSession(Parts parts);

 protected:
  using Event = adapters::websocket::Event;
  using CloseCode = adapters::websocket::CloseCode;

  /// A piece of a text message.
  virtual void on_text(std::string_view, bool /*ends_message*/) {}
  virtual CloseCode too_many() const { return CloseCode::too_many; }
  virtual CloseCode too_silent() const { return CloseCode::ping_timeout; }

 private:
  void wrap(const delivery::Frame& frame, Gather& out) override { out.add(frame.websocket_frame()); }
  void take(std::span<char> bytes) override;
  bool append_heartbeat(std::string& out) final;
  void append_expiry_warning(std::string& out, domain::Timestamp expires_at) override;
  void append_goodbye(std::string& out, const CloseReason& close_reason) override;
  bool may_hang_up() const override { return !awaits_close_; }
  void on_silence() override;

  void on_event(const Event& event, Clock::time_point now);
  void on_ping(std::string_view payload);
  void on_close(std::uint16_t code);
  void fail(CloseCode code, std::string_view reason);

  adapters::websocket::FrameParser parser_;
  adapters::websocket::Allowance allowance_;
  std::uint16_t answer_to_ = 0;  // code of the client's close frame; 0: none was received
  bool awaits_close_ = true;     // the client still owes a close frame after ours
};

/// A WebSocket whose text messages are for a MessagePeer, and on which that peer speaks. While much of what it
/// said is unsent, the client's next messages stay in the socket.
class MessageSession final : public WebSocketSession, public adapters::http::MessageLink {
 public:
  MessageSession(Parts parts, boost::asio::any_io_executor executor, std::shared_ptr<adapters::http::MessagePeer> peer);
  ~MessageSession() override;

  void send(std::string_view text) override;
  bool has_unsent() const override { return unsent_size() > 0; }
  void close(std::uint16_t code, std::string_view reason) override;
  void set_alarm(std::optional<std::chrono::steady_clock::time_point> when) override;
  void hold(usecase::LeasePtr lease, std::uint16_t code) override;
  void spawn(usecase::Async<void> task) override;
  void post(std::function<void()> call) override;

 private:
  using Clock = StreamSession::Clock;

  void on_start() override;
  bool has_late() const override { return peer_->has_message(); }
  std::string make_late() override;
  void on_late_begun() override { peer_->on_message_begun(); }
  void on_text(std::string_view piece, bool ends_message) override;
  void on_drained() override { peer_->on_drained(); }
  void on_end() override { peer_->on_end(); }
  bool takes_more() const override;
  Clock::time_point alarm() const override { return alarm_; }
  void on_alarm() override;
  void on_beat() override { peer_->on_heartbeat(); }
  CloseCode lease_end_code() const override { return at_lease_end_; }
  CloseCode too_many() const override { return CloseCode::policy; }
  CloseCode too_silent() const override { return CloseCode::going_away; }
  void on_task_end(const std::exception_ptr& failure);

  const boost::asio::any_io_executor executor_;
  std::shared_ptr<adapters::http::MessagePeer> peer_;
  std::string message_;  // the pieces so far
  Clock::time_point alarm_ = Clock::time_point::max();
  CloseCode at_lease_end_ = CloseCode::unauthorized;
};

}  // namespace danwa::beast
