#include "adapters/sse/event_writer.hpp"

#include <array>
#include <charconv>

#include "adapters/http/http_date.hpp"

namespace danwa::adapters::sse {
namespace {

void append_chunk_size(std::string& out, std::size_t size) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  out.append(digits.data(), end);
  out += "\r\n";
}

}  // namespace

std::string response_head(Framing framing, domain::Timestamp now) {
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nVary: Accept\r\n"
      "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nServer: danwa\r\n";
  head += "Date: " + http::to_http_date(now) + "\r\n";
  head += framing == Framing::chunked ? "Transfer-Encoding: chunked\r\n" : "";
  head += "Connection: close\r\n\r\n";
  return head;
}

Wrapping wrap(const Frame& frame, EventIds& ids, Framing framing) {
  std::string lines;
  ids.append_line(lines, frame);
  lines += "data: ";
  if (framing == Framing::until_close) return {std::move(lines), "\n\n"};
  std::string before;
  append_chunk_size(before, lines.size() + frame.json().size() + 2);
  return {before + lines, "\n\n\r\n"};
}

void append_block(std::string& out, std::string_view lines, Framing framing) {
  if (framing == Framing::chunked) append_chunk_size(out, lines.size() + 1);
  out += lines;
  out += '\n';
  if (framing == Framing::chunked) out += "\r\n";
}

void append_event(std::string& out, std::string_view json, Framing framing) {
  append_block(out, "data: " + std::string{json} + '\n', framing);
}

void append_retry(std::string& out, std::chrono::milliseconds wait, Framing framing) {
  append_block(out, "retry: " + std::to_string(wait.count()) + '\n', framing);
}

void append_comment(std::string& out, std::string_view text, Framing framing) {
  append_block(out, ": " + std::string{text} + '\n', framing);
}

void append_end(std::string& out, Framing framing) {
  if (framing == Framing::chunked) out += "0\r\n\r\n";
}

}  // namespace danwa::adapters::sse
