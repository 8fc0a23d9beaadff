#include "infra/beast/websocket_session.hpp"

#include <utility>

#include "adapters/websocket/frame_writer.hpp"
#include "infra/beast/expiry_notice.hpp"

namespace danwa::infra {
namespace {

namespace websocket = adapters::websocket;
using websocket::Opcode;
using Kind = websocket::Event::Kind;

constexpr std::size_t kMaxUnsentPongs = 4 * 1024;  // bytes; further pings are not answered (RFC 6455 section 5.5.3)

}  // namespace

WebSocketSession::WebSocketSession(Parts parts)
    : StreamSession{parts.context.metrics.websockets, std::move(parts)},
      parser_{{.max_message = limits().max_message, .binary = false}} {}

void WebSocketSession::take(std::span<char> bytes) {
  show_life();
  const auto now = Clock::now();
  while (!is_hanging_up()) {
    const auto event = parser_.next(bytes);
    if (event.kind == Kind::more) return;
    on_event(event, now);
  }
}

void WebSocketSession::on_event(const Event& event, Clock::time_point now) {
  if (event.kind == Kind::close) return on_close(event.code);
  if (event.kind == Kind::refused) return fail(static_cast<CloseCode>(event.code), event.payload);
  if (!is_open()) return;
  const bool is_piece = event.kind == Kind::text && !event.ends_message && !event.payload.empty();
  if (!is_piece && !allowance_.take(now)) return fail(too_many(), "too many messages");
  if (event.kind == Kind::ping) on_ping(event.payload);
  if (event.kind == Kind::text) on_text(event.payload, event.ends_message);
}

void WebSocketSession::on_ping(std::string_view payload) {
  if (unsent_answers() < kMaxUnsentPongs) websocket::append_frame(unsent(), Opcode::pong, payload);
}

void WebSocketSession::on_close(std::uint16_t code) {
  awaits_close_ = false;
  answer_to_ = code;
  if (!is_open()) return flush();  // the answer to our close frame: nothing remains to send
  end_stream({CloseCode::normal, {}, std::nullopt});
}

/// The client broke a rule: the close frame names it, and the client's answer is not awaited.
void WebSocketSession::fail(CloseCode code, std::string_view reason) {
  awaits_close_ = false;
  if (!is_open()) return flush();
  context().log.debug("websocket.refused", {{"code", static_cast<int>(code)}, {"reason", reason}});
  end_stream({code, std::string{reason}, std::nullopt});
}

void WebSocketSession::append_goodbye(std::string& out, const Ending& ending) {
  if (answer_to_ != 0) return websocket::append_close_answer(out, answer_to_);
  websocket::append_close(out, ending.code, ending.reason);
}

bool WebSocketSession::append_heartbeat(std::string& out) {
  websocket::append_frame(out, Opcode::ping, {});
  return true;
}

void WebSocketSession::append_expiry_warning(std::string& out, domain::Timestamp expires_at) {
  websocket::append_frame(out, Opcode::text, expiry_notice(expires_at));
}

void WebSocketSession::on_silence() {
  context().log.debug("websocket.silent", {});
  end_stream({too_silent(), "no sign of life", std::nullopt});
}

}  // namespace danwa::infra
