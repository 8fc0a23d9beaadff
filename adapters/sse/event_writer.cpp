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

// `X-Accel-Buffering: no` keeps nginx from buffering the stream.
Headers response_headers() { return {{"Cache-Control", "no-store"}, {"Vary", "Accept"}, {"X-Accel-Buffering", "no"}}; }

std::string response_head(Framing framing, domain::Timestamp now, const Headers& more) {
  std::string head =
      "HTTP/1.1 200 OK\r\nServer: danwa\r\nContent-Type: text/event-stream\r\nX-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n";
  for (const auto& [name, value] : response_headers()) head += name + ": " + value + "\r\n";
  for (const auto& [name, value] : more) head += name + ": " + value + "\r\n";
  head += "Date: " + http::to_http_date(now) + "\r\n";
  head += framing == Framing::chunked ? "Transfer-Encoding: chunked\r\n" : "";
  head += "Connection: close\r\n\r\n";
  return head;
}

Wrapping wrap(const Frame& frame, EventIds& ids, Framing framing, std::string_view first) {
  std::string lines{first};
  ids.append_line(lines, frame);
  lines += "data: ";
  if (framing == Framing::until_close) return {std::move(lines), "\n\n"};
  std::string before;
  append_chunk_size(before, lines.size() + frame.json().size() + 2);
  return {before + lines, "\n\n\r\n"};
}

void append_lines(std::string& out, std::string_view lines, Framing framing) {
  if (framing == Framing::chunked) append_chunk_size(out, lines.size());
  out += lines;
  if (framing == Framing::chunked) out += "\r\n";
}

void append_event(std::string& out, std::string_view json, Framing framing) {
  append_lines(out, "data: " + std::string{json} + "\n\n", framing);
}

std::string retry_line(std::chrono::milliseconds wait) { return "retry: " + std::to_string(wait.count()) + '\n'; }

std::string comment_line(std::string_view text) { return ": " + std::string{text} + '\n'; }

void append_end(std::string& out, Framing framing) {
  if (framing == Framing::chunked) out += "0\r\n\r\n";
}

}  // namespace danwa::adapters::sse
