#include "infra/beast/response_writer.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <utility>

#include "adapters/http/status.hpp"

namespace danwa::infra {
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

struct WriteOperation {
  explicit WriteOperation(Message whole) : message{std::move(whole)} {}
  Message message;
  beast_http::response_serializer<beast_http::string_body> serializer{message};
};

}  // namespace

void write_response(boost::asio::ip::tcp::socket& socket, adapters::http::Response response, AnswerFrame frame,
                    WriteDone done) {
  auto operation = std::make_unique<WriteOperation>(to_message(std::move(response), frame));
  auto& serializer = operation->serializer;
  auto finish = [operation = std::move(operation), done = std::move(done)](const boost::system::error_code& error,
                                                                           std::size_t) { done(error); };
  if (frame.without_body) {
    beast_http::async_write_header(socket, serializer, std::move(finish));
  } else {
    beast_http::async_write(socket, serializer, std::move(finish));
  }
}

}  // namespace danwa::infra
