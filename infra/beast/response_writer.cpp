#include "infra/beast/response_writer.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "adapters/protocol/http/fields.hpp"

// Writes an answer with Beast's serializer, and ends connections politely. Mostly the socket takes the whole answer at
// once. Then it is written in the turn that made it, without a step through the loop: on a busy thread each step waits
// for the deliveries of a turn.
//
// A socket that is closed with unread bytes sends a reset, and the client may lose the answer. So after a last answer
// the output is closed, and the input is read and discarded until the client closes, too (LastAnswer). It needs little
// memory and no session. Both time and bytes are bounded, because a client could send for ever.

namespace danwa::beast {
namespace {

namespace beast_http = boost::beast::http;
using Message = beast_http::response<beast_http::string_body>;
using Field = beast_http::field;

constexpr std::string_view kNoContent = "default-src 'none'; frame-ancestors 'none'";

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

void add_if_absent(Message& message, std::string_view name, std::string_view value) {
  if (message.find(name) == message.end()) message.insert(name, value);
}

Message to_message(adapters::http::Response response, const AnswerFrame& frame) {
  Message message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  message.reason(adapters::http::status_text(response.status));
  message.insert(Field::server, "danwa");
  message.insert(Field::date, frame.date);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  if (!response.content_type.empty()) message.set(Field::content_type, response.content_type);
  message.insert("X-Content-Type-Options", "nosniff");
  add_if_absent(message, "Referrer-Policy", "no-referrer");
  add_if_absent(message, "Content-Security-Policy", kNoContent);
  if (!frame.keep_alive) {
    message.set(Field::connection, "close");
  } else if (frame.to_http_1_0) {
    message.set(Field::connection, "keep-alive");
  }
  if (may_have_body(response.status) && !response.endless) {
    message.content_length(response.body.size());
    message.body() = std::move(response.body);
  }
  return message;
}

/// An answer as bytes.
struct Bytes {
  std::string head;
  std::string body;
  std::size_t sent = 0;  ///< of both

  std::size_t size() const { return head.size() + body.size(); }
  std::array<boost::asio::const_buffer, 2> rest() const {
    const auto of_body = sent - std::min(sent, head.size());
    return {boost::asio::buffer(head) + sent, boost::asio::buffer(body) + of_body};
  }
};

/// Beast makes the head; the body goes out as it is.
Bytes to_bytes(Message message, bool without_body) {
  Bytes bytes;
  beast_http::response_serializer<beast_http::string_body> serializer{message};
  serializer.split(true);
  const auto take = [&](boost::system::error_code&, const auto& buffers) {
    for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers)) {
      bytes.head.append(static_cast<const char*>(piece.data()), piece.size());
    }
    serializer.consume(boost::beast::buffer_bytes(buffers));
  };
  boost::system::error_code error;
  while (!error && !serializer.is_header_done()) serializer.next(error, take);
  if (!without_body) bytes.body = std::move(message.body());
  return bytes;
}

/// Sends what the socket takes at once. A failure shows at the next write.
void send_now(boost::asio::ip::tcp::socket& socket, Bytes& bytes) {
  std::array<iovec, 2> pieces{{{bytes.head.data(), bytes.head.size()}, {bytes.body.data(), bytes.body.size()}}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = bytes.body.empty() ? 1 : 2;
  const auto sent = ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) bytes.sent = static_cast<std::size_t>(sent);
}

}  // namespace

void write_response(boost::asio::ip::tcp::socket& socket, adapters::http::Response response, AnswerFrame frame,
                    WriteDone done) {
  const auto bytes = std::make_shared<Bytes>(to_bytes(to_message(std::move(response), frame), frame.without_body));
  send_now(socket, *bytes);
  if (bytes->sent == bytes->size()) return done({});
  boost::asio::async_write(
      socket, bytes->rest(),
      [bytes, done = std::move(done)](const boost::system::error_code& error, std::size_t) { done(error); });
}

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxUnread = std::size_t{1024} * 1024;  // bytes read in all
constexpr std::chrono::milliseconds kHeadTime{500};           // for the head of a request that is not served

/// Ends a connection. Reads and discards the remaining bytes; answers after the first head if there is an answer to
/// send; then closes the output. Runs on: the socket's io_context.
class LastAnswer final : public LiveConnection, public std::enable_shared_from_this<LastAnswer> {
 public:
  LastAnswer(tcp::socket socket, StreamContext& context)
      : socket_{std::move(socket)}, timer_{socket_.get_executor()}, context_{context} {}

  /// `cors` outlives the connection.
  void refuse(adapters::http::Response response, const adapters::http::CorsPolicy& cors) {
    take_place();
    refusal_ = std::move(response);
    cors_ = &cors;
    wait(kHeadTime);
    read();
  }

  void linger() {
    take_place();
    half_close();
    if (socket_.is_open()) read();
  }

  void drain(std::chrono::milliseconds, std::chrono::milliseconds) override {}  // it ends soon anyway

  void stop() override {
    boost::asio::post(timer_.get_executor(), [self = shared_from_this()] { self->close(); });
  }

 private:
  void take_place() { place_ = context_.streams.add(weak_from_this()); }

  void wait(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (error) return;
      self->refusal_ ? self->answer() : self->close();
    });
  }

  void read() {
    auto on_read = [self = shared_from_this()](const error_code& error, std::size_t size) {
      self->on_read(error, size);
    };
    socket_.async_read_some(boost::asio::buffer(forgotten_), std::move(on_read));
  }

  void on_read(const error_code& error, std::size_t size) {
    if (!socket_.is_open()) return;
    size_ += size;
    if (refusal_) {
      finder_.feed({forgotten_.data(), size});
      if (error || finder_.done()) answer();
    }
    ended_ = error || size_ > kMaxUnread;
    if (!ended_) return read();
    if (!writing_) close();
  }

  void answer() {
    auto response = *std::exchange(refusal_, std::nullopt);
    cors_->grant(finder_.origin(), response);
    writing_ = true;
    wait(context_.limits.write_timeout);
    auto done = [self = shared_from_this()](const error_code& error) {
      self->writing_ = false;
      error || self->ended_ ? self->close() : self->half_close();
    };
    AnswerFrame frame{.date = adapters::http::to_http_date(context_.clock.now())};
    write_response(socket_, std::move(response), std::move(frame), std::move(done));
  }

  void half_close() {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    if (error) return close();
    wait(context_.limits.close_timeout);
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
    place_.leave();
  }

  tcp::socket socket_;
  boost::asio::steady_timer timer_;
  StreamContext& context_;
  LiveRegistry::Place place_;
  std::optional<adapters::http::Response> refusal_;  // answer still to send
  const adapters::http::CorsPolicy* cors_ = nullptr;
  adapters::http::OriginFinder finder_;
  bool writing_ = false;
  bool ended_ = false;    // reading has ended
  std::size_t size_ = 0;  // bytes received
  std::array<char, 2048> forgotten_{};
};

}  // namespace

void linger_and_close(tcp::socket socket, StreamContext& context) {
  std::make_shared<LastAnswer>(std::move(socket), context)->linger();
}

void refuse_and_close(tcp::socket socket, adapters::http::Response response, StreamContext& context,
                      const adapters::http::CorsPolicy& cors) {
  std::make_shared<LastAnswer>(std::move(socket), context)->refuse(std::move(response), cors);
}

}  // namespace danwa::beast
