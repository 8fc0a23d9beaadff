#include "infra/client/http_client.hpp"

#include <algorithm>

namespace danwa::infra {
namespace {

HttpClient::Reply to_reply(const HttpAnswer& answer) {
  HttpClient::Reply reply;
  reply.status = answer.status;
  std::string_view rest = answer.head;
  while (!rest.empty()) {
    const auto end = std::min(rest.find("\r\n"), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string name{line.substr(0, colon)};
    for (auto& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto start = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    reply.headers.emplace_back(std::move(name), std::string{line.substr(start)});
  }
  reply.body = std::string{answer.body};
  if (!reply.header("transfer-encoding").empty()) reply.body = join_chunks(answer.body).value_or("");
  return reply;
}

}  // namespace

std::string HttpClient::Reply::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return {};
}

HttpClient::Reply HttpClient::send(const HttpRequest& request) {
  const std::string bytes = to_wire(request, node_.name);
  const bool reused = socket_.open();
  try {
    return exchange(bytes);
  } catch (const NetworkError&) {
    socket_ = Socket{};
    if (!reused || request.method != "GET") throw;
  }
  return exchange(bytes);
}

HttpClient::Reply HttpClient::exchange(const std::string& bytes) {
  const auto deadline = std::chrono::steady_clock::now() + timeout_;
  if (!socket_.open()) socket_ = Socket::connect(node_, deadline);
  Socket socket = std::move(socket_);  // comes back once the answer is whole
  socket.send(bytes, deadline);
  std::string buffer;
  HttpAnswer answer;
  for (;;) {
    const auto parsed = parse_answer(buffer, answer);
    if (parsed == Parsed::broken) throw NetworkError{node_.name + ": the answer is no HTTP/1.1"};
    if (parsed == Parsed::complete && answer.status >= 200) break;
    if (parsed == Parsed::complete) {
      buffer.erase(0, answer.size);  // 1xx: the answer proper follows
      continue;
    }
    if (!socket.receive(buffer, deadline)) throw NetworkError{node_.name + ": no answer in time"};
  }
  auto reply = to_reply(answer);
  if (reply.header("connection") != "close") socket_ = std::move(socket);
  return reply;
}

}  // namespace danwa::infra
