#include "infra/beast/websocket_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "adapters/log/logger.hpp"
#include "adapters/protocol/websocket/frame_writer.hpp"

// WebSocketSession adds the protocol of WebSockets to a live stream: it parses the client's frames and answers pings
// and close frames. Whole messages, pings and empty fragments are counted against an allowance, because each costs work
// and may carry nothing. Unsent pongs are bounded, since a client may ping without reading. After our close frame the
// client's is awaited, unless the client broke a rule.
//
// MessageSession gives the socket to a MessagePeer (GraphQL) instead of a watch. Messages that the peer only offers
// (`has_message`) are created when the socket takes them, so they cost no memory while a client reads slowly.

namespace danwa::beast {
namespace {

namespace websocket = adapters::websocket;
using websocket::Opcode;
using Kind = websocket::Event::Kind;

constexpr std::size_t kMaxUnsentPongs = 4096;  // bytes; further pings are not answered (RFC 6455 section 5.5.3)

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

void WebSocketSession::append_goodbye(std::string& out, const CloseReason& close_reason) {
  if (answer_to_ != 0) return websocket::append_close_answer(out, answer_to_);
  websocket::append_close(out, close_reason.code, close_reason.reason);
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

namespace {

constexpr std::size_t kMuchUnsent = 65'536;  // bytes
constexpr auto kInternalError = static_cast<websocket::CloseCode>(4500);

}  // namespace

MessageSession::MessageSession(Parts parts, boost::asio::any_io_executor executor,
                               std::shared_ptr<http::MessagePeer> peer)
    : WebSocketSession{std::move(parts)}, executor_{std::move(executor)}, peer_{std::move(peer)} {}

MessageSession::~MessageSession() { StreamSession::close(); }

void MessageSession::on_start() {
  peer_->on_open(std::shared_ptr<http::MessageLink>{shared_from_this(), static_cast<http::MessageLink*>(this)});
}

void MessageSession::send(std::string_view text) {
  if (is_open()) websocket::append_frame(unsent(), websocket::Opcode::text, text);
}

std::string MessageSession::make_late() {
  std::string frame;
  const auto text = peer_->next_message();
  if (text) websocket::append_frame(frame, websocket::Opcode::text, *text);
  return frame;
}

void MessageSession::close(std::uint16_t code, std::string_view reason) {
  end_stream({static_cast<CloseCode>(code), std::string{reason}, std::nullopt});
}

void MessageSession::set_alarm(std::optional<std::chrono::steady_clock::time_point> when) {
  alarm_ = when.value_or(Clock::time_point::max());
  if (is_open()) schedule();
}

void MessageSession::on_alarm() {
  peer_->on_alarm();
  flush();
}

void MessageSession::hold(usecase::LeasePtr lease, std::uint16_t code) {
  at_lease_end_ = static_cast<CloseCode>(code);
  StreamSession::hold(std::move(lease), std::chrono::milliseconds{0});
}

void MessageSession::post(std::function<void()> call) {
  hand_over([this, call = std::move(call)](StreamSession&) {
    if (is_open()) call();
    flush();
  });
}

bool MessageSession::takes_more() const { return unsent_size() < kMuchUnsent; }

void MessageSession::on_text(std::string_view piece, bool ends_message) {
  if (ends_message && message_.empty()) return peer_->on_message(piece);  // in one piece: no copy
  message_ += piece;
  if (!ends_message) return;
  const auto message = std::exchange(message_, {});
  peer_->on_message(message);
}

void MessageSession::spawn(usecase::Async<void> task) {
  ++context().running;
  auto self = std::static_pointer_cast<MessageSession>(shared_from_this());
  auto on_task_end = [self = std::move(self)](const std::exception_ptr& failure) { self->on_task_end(failure); };
  boost::asio::co_spawn(executor_, std::move(task), std::move(on_task_end));
}

void MessageSession::on_task_end(const std::exception_ptr& failure) {
  --context().running;
  if (!failure) return flush();
  context().log.error("websocket.task_failed", {{"err", adapters::failure_reason(failure)}});
  end_stream({kInternalError, "internal error", std::nullopt});
}

}  // namespace danwa::beast
