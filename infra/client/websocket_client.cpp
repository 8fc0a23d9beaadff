#include "infra/client/node_client.hpp"

#include <algorithm>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <utility>

// The WebSocket of the tools, over Beast, for a caller that blocks with a time limit. A read continues after the limit:
// `next` returns `quiet`, and the next call waits for the same read. Beast ends a connection only after the other side
// has closed its half, and has no limit of its own for that when the other side begins; `kFarewell` is that limit.

namespace danwa::client {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxMessage = 16 << 20;  // bytes
constexpr std::chrono::seconds kFarewell{1};
constexpr int kNoStatus = websocket::close_code::no_status;

bool is_of_websocket(const error_code& error) {
  return error.category() == websocket::make_error_code(websocket::error::closed).category();
}

}  // namespace

struct WebSocketClient::Stream {
  Stream(const Endpoint& endpoint, Deadline deadline) : node{endpoint}, connection{endpoint, deadline} {
    socket.read_message_max(kMaxMessage);
    socket.control_callback([this](websocket::frame_type type, boost::beast::string_view) {
      closing = closing || type == websocket::frame_type::close;
    });
  }

  /// Reads one message; a read in flight continues. False at the deadline.
  bool read(Deadline deadline) {
    if (!reading) {
      reading = true;
      socket.async_read(buffer, [this](const error_code& error, std::size_t) {
        reading = false;
        result = error;
      });
    }
    connection.loop().restart();
    while (reading) {
      ending = ending || !socket.is_open();
      if (ending) deadline = std::min(deadline, Clock::now() + kFarewell);
      if (connection.loop().run_one_until(deadline) == 0) break;
    }
    return !reading;
  }

  /// The way in which the connection ended: by a close frame, by a broken rule, or without either.
  Next end() const {
    const auto& reason = socket.reason();
    const int code = reason.code;
    if (closing) return {Event::closed, {reason.reason.data(), reason.reason.size()}, code != 0 ? code : kNoStatus};
    if (ending || is_of_websocket(result))
      return {Event::closed, "a frame that is none", websocket::close_code::protocol_error};
    return {Event::closed, to_network_error(node, result).what(), websocket::close_code::abnormal};
  }

  Endpoint node;
  NodeConnection connection;
  websocket::stream<boost::beast::tcp_stream&, false> socket{connection.stream()};
  boost::beast::flat_buffer buffer;
  bool reading = false;
  bool closing = false;  // a close frame has come
  bool ending = false;   // Beast closes the connection, after a close frame or a broken rule
  error_code result;     // of the last read
};

WebSocketClient::WebSocketClient() = default;
WebSocketClient::~WebSocketClient() = default;

std::optional<WebSocketClient::Refused> WebSocketClient::open(const Endpoint& node, std::string_view target,
                                                              std::string_view token,
                                                              std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  auto stream = std::make_unique<Stream>(node, deadline);
  auto& socket = stream->socket;
  const auto add_token = [bearer = "Bearer " + std::string{token}](websocket::request_type& request) {
    if (bearer.size() > 7) request.set(http::field::authorization, bearer);
  };
  socket.set_option(websocket::stream_base::decorator(add_token));
  websocket::response_type answer;
  const auto error = stream->connection.run(
      deadline, [&](auto done) { socket.async_handshake(answer, node.name, target, std::move(done)); });
  if (error == websocket::error::upgrade_declined)
    return Refused{static_cast<int>(answer.result_int()), std::move(answer.body())};
  if (is_of_websocket(error))
    throw NetworkError{node.name + ": the upgrade is not answered rightly: " + error.message()};
  if (error) throw to_network_error(node, error);
  stream->connection.stream().expires_never();
  stream_ = std::move(stream);
  return std::nullopt;
}

WebSocketClient::Next WebSocketClient::next(std::chrono::milliseconds wait) {
  if (!stream_) return {Event::closed, "not open", websocket::close_code::abnormal};
  const auto deadline = Clock::now() + wait;
  for (;;) {
    const bool ended = stream_->read(deadline);
    if (!ended && stream_->socket.is_open()) return {};
    if (!ended || stream_->result) {
      auto end = stream_->end();
      stream_.reset();
      return end;
    }
    auto text = boost::beast::buffers_to_string(stream_->buffer.data());
    stream_->buffer.consume(text.size());
    if (stream_->socket.got_text()) return {Event::message, std::move(text), 0};
  }
}

void WebSocketClient::close() {
  const auto stream = std::exchange(stream_, nullptr);
  if (!stream) return;
  stream->socket.async_close(websocket::close_code::normal, [](const error_code&) {});
  stream->connection.loop().restart();
  stream->connection.loop().run_for(kFarewell);
}

}  // namespace danwa::client
