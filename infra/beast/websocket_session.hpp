#pragma once

#include "adapters/websocket/allowance.hpp"
#include "adapters/websocket/frame_parser.hpp"
#include "infra/beast/stream_session.hpp"

namespace danwa::infra {

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
  void wrap(const adapters::Frame& frame, Gather& out) override { out.add(frame.websocket_frame()); }
  void take(std::span<char> bytes) override;
  bool append_heartbeat(std::string& out) final;
  void append_expiry_warning(std::string& out, domain::Timestamp expires_at) override;
  void append_goodbye(std::string& out, const Ending& ending) override;
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

}  // namespace danwa::infra
