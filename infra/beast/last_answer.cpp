#include "infra/beast/last_answer.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "adapters/http/http_date.hpp"
#include "infra/beast/response_writer.hpp"

namespace danwa::infra {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxUnread = 1024 * 1024;  // bytes read after the answer

/// The end of a connection: an answer, a half-close, the rest read and forgotten.
/// Runs on: the socket's io_context.
class LastAnswer final : public LiveConnection, public std::enable_shared_from_this<LastAnswer> {
 public:
  LastAnswer(tcp::socket socket, StreamContext& context)
      : socket_{std::move(socket)}, timer_{socket_.get_executor()}, context_{context} {}

  void start(adapters::http::Response response, AnswerFrame frame) {
    take_place();
    wait(context_.limits.write_timeout);
    auto done = [self = shared_from_this()](const error_code& error) { error ? self->close() : self->linger(); };
    write_response(socket_, std::move(response), std::move(frame), std::move(done));
  }

  void linger() {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    if (error) return close();
    wait(context_.limits.close_timeout);
    read();
  }

  void take_place() { place_ = context_.streams.add(weak_from_this()); }

  void drain(std::chrono::milliseconds, std::chrono::milliseconds) override {}  // ends by itself, soon

  void stop() override {
    boost::asio::post(timer_.get_executor(), [self = shared_from_this()] { self->close(); });
  }

 private:
  void wait(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->close();
    });
  }

  void read() {
    socket_.async_read_some(boost::asio::buffer(forgotten_),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              self->size_ += size;
                              error || self->size_ > kMaxUnread ? self->close() : self->read();
                            });
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
  std::size_t size_ = 0;
  std::array<char, 2048> forgotten_{};
};

}  // namespace

void linger_and_close(tcp::socket socket, StreamContext& context) {
  const auto last = std::make_shared<LastAnswer>(std::move(socket), context);
  last->take_place();
  last->linger();
}

void answer_and_close(tcp::socket socket, adapters::http::Response response, StreamContext& context,
                      bool without_body) {
  AnswerFrame frame{.without_body = without_body, .date = adapters::http::to_http_date(context.clock.now())};
  std::make_shared<LastAnswer>(std::move(socket), context)->start(std::move(response), std::move(frame));
}

}  // namespace danwa::infra
