#include "bench/floor_wire.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>

namespace danwa::floor {
namespace {

constexpr std::string_view kEpoch = "00000000000000000000000000000000";
constexpr std::string_view kTime = "2026-01-01T00:00:00.000Z";
constexpr std::string_view kWatchStart = "/v1/conversations/";
constexpr std::string_view kAccept = "BST01iOEba+/S0U0pBd4V22vPsc=";  // of the load tool's key

/// The text between `opening` and `closing`; empty when there is none.
std::string_view between(std::string_view text, std::string_view opening, std::string_view closing) {
  const auto from = text.find(opening);
  if (from == std::string_view::npos) return {};
  const auto start = from + opening.size();
  const auto end = text.find(closing, start);
  return end == std::string_view::npos ? std::string_view{} : text.substr(start, end - start);
}

std::size_t content_length(std::string_view head) {
  const auto digits = between(head, "Content-Length: ", "\r\n");
  std::size_t length = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return length;
}

std::string comment_id(std::uint64_t seq) {
  char id[40];
  std::snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012llu", static_cast<unsigned long long>(seq));
  return id;
}

/// A text frame of a server (RFC 6455 section 5.2); none here is longer than 65,535 bytes.
std::string frame(std::string_view payload) {
  std::string out{'\x81'};
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += '\x7E';
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xFF);
  }
  return out.append(payload);
}

}  // namespace

std::optional<Request> parse_request(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const auto head = bytes.substr(0, end + 4);
  Request request{.kind = Request::Kind::post, .conversation = {}, .content = {}, .size = head.size()};
  if (head == kLink) {
    request.kind = Request::Kind::link;
    return request;
  }
  if (!head.starts_with("POST ")) {
    request.kind = Request::Kind::watch;
    request.conversation = between(head, kWatchStart, "/");
    return request;
  }
  request.size += content_length(head);
  if (bytes.size() < request.size) return std::nullopt;
  const auto body = bytes.substr(head.size(), request.size - head.size());
  request.content = between(body, R"("content":")", "\"");
  request.conversation = between(body, R"("conversationKey":")", "\"");
  return request;
}

void relay(std::string& link, std::string_view conversation, std::string_view frame) {
  const std::uint32_t sizes[] = {static_cast<std::uint32_t>(conversation.size()),
                                 static_cast<std::uint32_t>(frame.size())};
  link.append(reinterpret_cast<const char*>(sizes), sizeof sizes).append(conversation).append(frame);
}

std::optional<Relayed> parse_relayed(std::string_view bytes) {
  std::uint32_t sizes[2];
  if (bytes.size() < sizeof sizes) return std::nullopt;
  std::memcpy(sizes, bytes.data(), sizeof sizes);
  const std::size_t size = sizeof sizes + sizes[0] + sizes[1];
  if (bytes.size() < size) return std::nullopt;
  bytes.remove_prefix(sizeof sizes);
  return Relayed{.conversation = bytes.substr(0, sizes[0]), .frame = bytes.substr(sizes[0], sizes[1]), .size = size};
}

std::string created(const Request& request, std::uint64_t seq) {
  std::string body = R"({"id":")" + comment_id(seq) + R"(","content":")";
  body.append(request.content).append(R"(","authorId":"bench-0","conversationKey":")").append(request.conversation);
  body.append(R"(","seq":)").append(std::to_string(seq)).append(R"(,"version":1,"createdAt":")").append(kTime);
  body.append(R"(","updatedAt":")").append(kTime).append("\"}");
  return "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string comment_added(const Request& request, std::uint64_t seq) {
  std::string json = R"({"type":"comment-added","payload":{"commentId":")" + comment_id(seq);
  json.append(R"(","commentContent":")").append(request.content);
  json.append(R"(","authorId":"bench-0","conversationKey":")").append(request.conversation);
  json.append(R"(","seq":)").append(std::to_string(seq)).append(R"(,"occurredAt":")").append(kTime).append("\"}}");
  return frame(json);
}

std::string accepted(const Request& request) {
  std::string json = R"({"type":"watching","payload":{"conversationKey":")";
  json.append(request.conversation).append(R"(","cursor":")").append(kEpoch).append(R"(:0","node":"floor"}})");
  return std::string{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"}
      .append("Sec-WebSocket-Accept: ")
      .append(kAccept)
      .append("\r\n\r\n")
      .append(frame(json));
}

}  // namespace danwa::floor
