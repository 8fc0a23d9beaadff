#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infra/client/endpoint.hpp"

namespace danwa::infra {

class NodeConnection;

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string token;  ///< bearer; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< JSON; empty: no body
};

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  bool keep_alive = false;                               ///< the connection may be used on
  std::string_view header(std::string_view name) const;  ///< of the lower-case name; empty when absent
};

/// One node, one keep-alive connection, one request at a time. Not thread safe.
class HttpClient {
 public:
  explicit HttpClient(Endpoint node, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Throws NetworkError. A request whose connection turns out closed before any answer byte is sent
  /// once more on a new one only when it is a GET.
  HttpReply send(const HttpRequest& request);

  const Endpoint& node() const { return node_; }

 private:
  HttpReply exchange(const HttpRequest& request);

  Endpoint node_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<NodeConnection> connection_;
};

/// The same parser without a connection, for a loop that receives by itself. Interim answers (1xx, but for 101) are
/// skipped.
///
///     while (parser.feed(bytes)) on_reply(parser.take());
class ReplyParser {
 public:
  ReplyParser();
  ~ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  /// Takes what it can use from the front of `bytes`: a head only as a whole. True once an answer is whole. Throws
  /// NetworkError for bytes that are no HTTP/1.1.
  bool feed(std::string_view& bytes);

  /// The whole answer; the next one may follow.
  HttpReply take();

  /// Forgets a part of an answer: what comes next is of another connection.
  void restart();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace danwa::infra
