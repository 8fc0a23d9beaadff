#include "infra/beast/http_session.hpp"

// Boost 1.74 needs <utility> before its coroutine headers.
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <string_view>

#include "adapters/http/problem.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "infra/beast/response_writer.hpp"

// The answering half of HttpSession: from a request to the end of its answer. The handler is a coroutine on the
// executor of the connection, so it needs no lock. After the answer the connection reads the next request, lingers, or
// becomes a live stream. A stream takes the socket over, and a socket may be moved only while no operation uses it. So
// `leave` cancels the read in flight and goes on when that has ended.

namespace danwa::beast {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

namespace http = adapters::http;
namespace sse = adapters::sse;
using boost::system::error_code;

void HttpSession::send_continue() {
  phase_ = Phase::writing;
  boost::asio::async_write(socket_, boost::asio::buffer(kContinue),
                           [self = shared_from_this()](const error_code& error, std::size_t) {
                             if (self->phase_ == Phase::closed) return;
                             if (error) return self->close();
                             self->phase_ = Phase::reading;
                             self->advance();
                           });
}

void HttpSession::run_handler() {
  auto request = reader_.take();
  request_id_ = context_.next_request_id();
  request.request_id = request_id_;
  request.cancellation = cancellation_ = std::make_shared<http::CancellationToken>();
  if (draining_) cancellation_->cancel();
  if (ended_) dismiss();
  if (http::asks_for_websocket(request)) handshake_ = http::check_handshake(request);
  phase_ = Phase::handling;
  deadline_.rest();
  ++context_.running;
  auto on_end = [self = shared_from_this()](const std::exception_ptr& failure, http::Reply reply) {
    self->on_reply(failure, std::move(reply));
  };
  boost::asio::co_spawn(executor_, context_.router.route(std::move(request)), std::move(on_end));
  read();
}

/// The client has left: a waiting handler answers now, and its waiting reads are dropped.
void HttpSession::dismiss() {
  cancellation_->cancel();
  cancellation_->leave();
}

void HttpSession::on_reply(const std::exception_ptr& failure, http::Reply reply) {
  --context_.running;
  if (phase_ == Phase::closed) return;
  if (failure) return answer(to_defect(failure));
  if (auto* response = std::get_if<http::Response>(&reply)) return answer(std::move(*response));
  if (is_draining()) return answer(http::problem(503, "draining", "This node is going away."));
  auto* open = std::get_if<http::OpenStream>(&reply);
  if (open != nullptr && open->kind == http::StreamKind::sse) return open_events(std::move(*open));
  if (!handshake_) return answer_last(http::problem(400, "handshake-invalid", "Upgrade must name websocket"));
  if (auto* wrong = std::get_if<http::Response>(&*handshake_)) return answer_last(std::move(*wrong));
  const auto key = std::get<http::WebSocketKey>(*std::exchange(handshake_, std::nullopt));
  if (open != nullptr) return open_stream(start_websocket, key, std::move(*open));
  open_stream(start_messages, key, std::get<http::OpenMessages>(std::move(reply)));
}

/// Starts an event stream. HTTP/1.0 has no chunks, so there the stream ends with the connection. A HEAD gets the
/// headers of the stream and no stream.
void HttpSession::open_events(http::OpenStream open) {
  if (without_body_) {
    return answer({.headers = sse::response_headers(), .content_type = "text/event-stream", .endless = true});
  }
  http::Response granted;
  context_.router.cors().grant(origin_, granted);
  const auto framing = http_1_0_ ? sse::Framing::until_close : sse::Framing::chunked;
  open_stream(start_sse, SseHead{framing, std::move(granted.headers)}, std::move(open));
}

http::Response HttpSession::to_defect(const std::exception_ptr& failure) {
  context_.streams.log.error(
      "http.handler_failed",
      {{"request_id", request_id_}, {"method", method_}, {"path", path_}, {"err", adapters::failure_reason(failure)}});
  auto response = http::problem(500, "internal", "Request " + request_id_ + " failed; the log knows why.");
  response.headers.emplace_back("X-Request-Id", request_id_);
  return response;
}

void HttpSession::answer_last(http::Response response) {
  keep_alive_ = false;
  answer(std::move(response));
}

void HttpSession::answer(http::Response response) {
  note(response);
  context_.router.cors().grant(origin_, response);
  if (response.close || is_draining()) keep_alive_ = false;
  phase_ = Phase::writing;
  if (cancellation_) cancellation_->hold(response.body.size());
  deadline_.expire_after(context_.options.write_time);
  AnswerFrame frame{.keep_alive = keep_alive_,
                    .to_http_1_0 = http_1_0_,
                    .without_body = without_body_,
                    .date = http::to_http_date(context_.streams.clock.now())};
  auto done = [self = shared_from_this()](const error_code& error) { self->on_written(error); };
  write_response(socket_, std::move(response), std::move(frame), std::move(done));
}

void HttpSession::note(const http::Response& response) {
  auto& metrics = context_.streams.metrics;
  metrics.http_requests.add();
  if (response.status >= 400) metrics.http_errors.add();
  if (!context_.options.log_requests) return;
  context_.streams.log.debug("http.request", {{"method", method_}, {"path", path_}, {"status", response.status}});
}

/// A request that was sent behind this one waits for a step of the loop, so that other connections have their turn: an
/// answer is mostly written at once, and hundreds of requests fit into the input.
void HttpSession::on_written(const error_code& error) {
  cancellation_.reset();
  if (phase_ == Phase::closed) return;
  if (error) return close();
  phase_ = Phase::reading;
  if (!keep_alive_) return linger();
  if (reader_.state() == http::RequestReader::State::done) next_request();
  if (input_.bytes().empty()) return advance();
  boost::asio::post(executor_, [self = shared_from_this()] { self->advance(); });
}

template <class Start, class Head, class Open>
void HttpSession::open_stream(Start start_stream, Head head, Open open) {
  leave([this, start_stream, head = std::move(head), open = std::move(open)]() mutable {
    context_.streams.metrics.http_requests.add();
    start_stream(std::move(socket_), context_.streams, head, std::move(open), input_.take_rest());
    close();
  });
}

void HttpSession::linger() {
  leave([this] {
    linger_and_close(std::move(socket_), context_.streams);
    close();
  });
}

/// Calls `next` when no operation uses the socket, so that it may be moved.
void HttpSession::leave(std::function<void()> next) {
  phase_ = Phase::leaving;
  deadline_.rest();
  if (!reading_) return next();
  leave_ = std::move(next);
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpSession::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  error_code ignored;
  socket_.close(ignored);
  deadline_.end();
  if (cancellation_) dismiss();
  place_.leave();
}

}  // namespace danwa::beast
