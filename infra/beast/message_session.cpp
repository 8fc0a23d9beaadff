#include "infra/beast/message_session.hpp"

// Boost 1.74 needs <utility> before its coroutine headers.
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "adapters/log/failure_reason.hpp"
#include "adapters/websocket/frame_writer.hpp"

namespace danwa::infra {
namespace {

namespace websocket = adapters::websocket;

constexpr std::size_t kMuchUnsent = 64 * 1024;  // bytes
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

}  // namespace danwa::infra
