#include "infra/client/http_client.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdint>
#include <limits>

#include "infra/client/node_connection.hpp"

namespace danwa::infra {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t kMaxHead = 64 * 1024;  // bytes

struct BeastParser : http::response_parser<http::string_body> {
  BeastParser() {
    header_limit(kMaxHead);
    body_limit(std::numeric_limits<std::uint64_t>::max());  // boost::none is below every length in Beast 1.74
    eager(true);
  }
  int status() const { return static_cast<int>(get().result_int()); }
  bool is_interim() const { return status() < 200 && status() != 101; }
};

HttpReply to_reply(BeastParser& parser) {
  HttpReply reply{.status = parser.status(), .headers = {}, .body = {}, .keep_alive = parser.keep_alive()};
  auto message = parser.release();
  for (const auto& field : message) {
    std::string name{field.name_string()};
    for (auto& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    reply.headers.emplace_back(std::move(name), field.value());
  }
  reply.body = std::move(message.body());
  return reply;
}

http::request<http::string_body> to_message(const HttpRequest& request, const std::string& host) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.target);
  message.set(http::field::host, host);
  if (!request.token.empty()) message.set(http::field::authorization, "Bearer " + request.token);
  for (const auto& [name, value] : request.headers) message.insert(name, value);
  if (request.body.empty()) return message;
  message.set(http::field::content_type, "application/json");
  message.content_length(request.body.size());
  message.body() = request.body;
  return message;
}

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

HttpClient::HttpClient(Endpoint node, std::chrono::milliseconds timeout) : node_{std::move(node)}, timeout_{timeout} {}
HttpClient::~HttpClient() = default;

HttpReply HttpClient::send(const HttpRequest& request) {
  const bool reused = connection_ != nullptr;
  try {
    return exchange(request);
  } catch (const NetworkError&) {
    if (!reused || request.method != "GET") throw;
  }
  return exchange(request);
}

HttpReply HttpClient::exchange(const HttpRequest& request) {
  const auto deadline = std::chrono::steady_clock::now() + timeout_;
  auto connection = std::move(connection_);  // comes back once the answer is whole
  if (!connection) connection = std::make_unique<NodeConnection>(node_, deadline);
  auto& stream = connection->stream();
  const auto message = to_message(request, node_.name);
  const auto unsent =
      connection->run(deadline, [&](auto done) { http::async_write(stream, message, std::move(done)); });
  if (unsent) throw to_network_error(node_, unsent);
  boost::beast::flat_buffer buffer;
  for (;;) {
    BeastParser parser;
    const auto unread =
        connection->run(deadline, [&](auto done) { http::async_read(stream, buffer, parser, std::move(done)); });
    if (unread) throw to_network_error(node_, unread);
    if (parser.is_interim()) continue;
    auto reply = to_reply(parser);
    if (reply.keep_alive) connection_ = std::move(connection);
    return reply;
  }
}

struct ReplyParser::Parser : BeastParser {};

ReplyParser::ReplyParser() : parser_{std::make_unique<Parser>()} {}
ReplyParser::~ReplyParser() = default;

bool ReplyParser::feed(std::string_view& bytes) {
  for (;;) {
    boost::system::error_code error;
    bytes.remove_prefix(parser_->put(boost::asio::buffer(bytes), error));
    if (error == http::error::need_more) return false;
    if (error) throw NetworkError{"an answer that is none: " + error.message()};
    if (!parser_->is_done()) return false;
    if (!parser_->is_interim()) return true;
    restart();
  }
}

HttpReply ReplyParser::take() {
  auto reply = to_reply(*parser_);
  restart();
  return reply;
}

void ReplyParser::restart() { parser_ = std::make_unique<Parser>(); }

}  // namespace danwa::infra
