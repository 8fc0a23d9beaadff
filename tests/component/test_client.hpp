#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace danwa::tests {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Answer {
  int status = 0;
  std::multimap<std::string, std::string> headers;  // names lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

/// A blocking connection to a node under test. Every wait ends after 20 s by an exception.
class TestConnection {
 public:
  explicit TestConnection(int port) : descriptor_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ::close(descriptor_);
      throw std::runtime_error{"cannot connect"};
    }
  }
  ~TestConnection() { ::close(descriptor_); }
  TestConnection(const TestConnection&) = delete;
  TestConnection& operator=(const TestConnection&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error{"cannot send"};
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  std::string take(std::size_t size) {
    while (buffer_.size() < size) read_more();
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
  }

  std::string take_until(const std::string& end) {
    while (buffer_.find(end) == std::string::npos) read_more();
    return take(buffer_.find(end) + end.size());
  }

  Answer request(const std::string& method, const std::string& target, const Headers& headers = {},
                 const std::string& body = {}) {
    std::string text = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send(text + "\r\n" + body);
    return read_answer(method == "HEAD");
  }

  Answer read_answer(bool without_body = false) {
    Answer answer = parse_head(take_until("\r\n\r\n"));
    if (!without_body && !answer.header("content-length").empty()) {
      answer.body = take(std::stoul(answer.header("content-length")));
    }
    return answer;
  }

  /// The next frame of a WebSocket that is not about presence.
  nlohmann::json frame() {
    auto next = any_frame();
    while (next.value("type", "") == "presence-changed") next = any_frame();
    return next;
  }

  /// The payload of the next text frame of a WebSocket; a close frame as `{"close": code, "reason": ...}`.
  nlohmann::json any_frame() {
    const std::string head = take(2);
    std::size_t size = static_cast<unsigned char>(head[1]);
    if (size >= 126) {
      const std::string more = take(size == 126 ? 2 : 8);
      size = 0;
      for (const char c : more) size = size * 256 + static_cast<unsigned char>(c);
    }
    const std::string payload = take(size);
    if (static_cast<unsigned char>(head[0]) == 0x81) return nlohmann::json::parse(payload);
    if (static_cast<unsigned char>(head[0]) == 0x88 && size >= 2) {
      const int code = static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
      return {{"close", code}, {"reason", payload.substr(2)}};
    }
    return any_frame();
  }

  Answer open_websocket(const std::string& target, const Headers& more = {}) {
    Headers headers{{"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Version", "13"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    headers.insert(headers.end(), more.begin(), more.end());
    return request("GET", target, headers);
  }

 private:
  void read_more() {
    pollfd ready{descriptor_, POLLIN, 0};
    if (::poll(&ready, 1, 20'000) <= 0) throw std::runtime_error{"nothing came in time"};
    char bytes[65536];
    const auto got = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (got <= 0) throw std::runtime_error{"closed"};
    buffer_.append(bytes, static_cast<std::size_t>(got));
  }

  static Answer parse_head(const std::string& head) {
    Answer answer;
    answer.status = std::stoi(head.substr(9, 3));
    std::size_t at = head.find("\r\n") + 2;
    while (head.compare(at, 2, "\r\n") != 0) {
      const auto end = head.find("\r\n", at);
      const auto colon = head.find(": ", at);
      std::string name = head.substr(at, colon - at);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      answer.headers.emplace(name, head.substr(colon + 2, end - colon - 2));
      at = end + 2;
    }
    return answer;
  }

  int descriptor_;
  std::string buffer_;
};

}  // namespace danwa::tests
