#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "infra/client/node_client.hpp"

// The HTTP client of the tools, over Beast, for callers that block. The addresses of a node share one deadline, and
// each gets at most 3 s, so a dead address does not use up the time of the next one. The server may close a kept
// connection at any moment, so a GET on a used connection is sent once more on a new one. Another request is not: it
// may have been executed. ReplyParser is the same parser for the load tool, which receives bytes by itself.

namespace danwa::client {

Endpoint Endpoint::parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = text;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto fail = [](const std::string& reason) {
    throw NetworkError{reason + "; a node's address is host:port, e.g. 127.0.0.1:8080"};
  };
  const auto place = net::parse_host_port(rest);
  if (!place) fail(place.error());
  if (place->host.empty() || place->port == 0)
    fail("\"" + std::string{rest} + "\" names no host or port to connect to");
  auto addresses = net::resolve(*place, net::Purpose::connect);
  if (!addresses) throw NetworkError{addresses.error()};
  return {std::string{rest}, std::move(*addresses)};
}

namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kPerAddress{3};  // a lost SYN is sent again after one

tcp::endpoint to_asio(const net::SocketAddress& address) {
  tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), address.raw(), address.size);
  endpoint.resize(address.size);
  return endpoint;
}

}  // namespace

NodeConnection::NodeConnection(const Endpoint& node, Deadline deadline) {
  std::string failures;
  auto left = node.addresses.size();
  for (const auto& address : node.addresses) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = std::min<Deadline::duration>((deadline - now) / static_cast<int>(left), kPerAddress);
    try {
      connect(address, --left == 0 ? deadline : now + share);
      return;
    } catch (const NetworkError& error) {
      failures += (failures.empty() ? "" : "; ") + std::string{error.what()};
    }
  }
  const bool one = node.addresses.size() == 1 && node.addresses.front().text() == node.name;
  throw NetworkError{one ? failures : node.name + ": " + failures};
}

void NodeConnection::connect(const net::SocketAddress& address, Deadline deadline) {
  boost::system::error_code ignored;
  stream_.socket().close(ignored);  // of an address that did not answer: it may be of the other family
  const auto error = run(deadline, [&](auto done) { stream_.async_connect(to_asio(address), std::move(done)); });
  if (error == boost::beast::error::timeout) throw NetworkError{address.text() + ": no connection in time"};
  if (error) throw NetworkError{address.text() + ": cannot connect: " + error.message()};
  stream_.socket().set_option(tcp::no_delay{true}, ignored);
}

NetworkError to_network_error(const Endpoint& node, const boost::system::error_code& error) {
  namespace http = boost::beast::http;
  if (error == boost::beast::error::timeout) return NetworkError{node.name + ": no answer in time"};
  if (error == boost::asio::error::eof || error == http::error::end_of_stream || error == http::error::partial_message)
    return NetworkError{node.name + ": connection closed"};
  if (error.category() == http::make_error_code(http::error::bad_line_ending).category())
    return NetworkError{node.name + ": the answer is no HTTP/1.1"};
  return NetworkError{node.name + ": connection lost: " + error.message()};
}

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

}  // namespace danwa::client
