#include "adapters/updates/event_stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "adapters/protocol/http/fields.hpp"

namespace danwa::adapters::sse {

// Server-sent events around frames that are encoded already. An event is a prefix, the shared JSON of the frame, and a
// suffix: only prefix and suffix are made for each stream, because its ids and its framing are its own.
// The id of an event is the cursor behind it. A stream may ask for the ids of many frames and then write only some of
// them. So EventIds counts twice: `ahead_` for ids that were requested, `begun_` for frames that were begun, and
// `rewind` returns to the latter.

namespace {

bool has_id(delivery::FrameKind kind) {
  return kind == delivery::FrameKind::update || kind == delivery::FrameKind::watching;
}

const delivery::WatchPosition* position_of(const delivery::Frame& frame) {
  if (const auto* const watching = std::get_if<delivery::Watching>(&frame.content())) return &watching->position;
  const auto* const reset = std::get_if<delivery::Reset>(&frame.content());
  return reset == nullptr ? nullptr : &reset->position;
}

domain::Epoch epoch_of(const delivery::WatchPosition& position) {
  if (const auto* const merged = std::get_if<delivery::MergedPosition>(&position)) return merged->cursor.epoch;
  return std::get<domain::Cursor>(position).epoch.value_or(domain::Epoch{});
}

}  // namespace

void EventIds::append_line(std::string& out, const delivery::Frame& frame) {
  if (const auto* const position = position_of(frame)) {
    if (auto epoch = epoch_of(*position); !epoch.empty()) epoch_ = std::move(epoch);
  }
  advance(ahead_, frame);
  if (!has_id(frame.kind()) || epoch_.empty()) return;
  out += "id: " + epoch_ + ':';
  if (names_.empty()) out += std::to_string(frame.seq());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i != 0) out += ',';
    out += names_[i] + '=' + std::to_string(ahead_[i]);
  }
  out += '\n';
}

void EventIds::begun(const delivery::Frame& frame) {
  if (!names_.empty()) advance(begun_, frame);
}

void EventIds::advance(std::vector<domain::Seq>& seqs, const delivery::Frame& frame) {
  if (const auto* const position = position_of(frame)) {
    const auto* const merged = std::get_if<delivery::MergedPosition>(position);
    if (merged == nullptr) return;
    names_.clear();
    seqs.clear();
    for (const auto& [name, seq] : merged->cursor.seqs) {
      names_.push_back(name);
      seqs.push_back(seq);
    }
    return;
  }
  if (names_.empty() || frame.kind() == delivery::FrameKind::ephemeral) return;
  const auto found = std::find(names_.begin(), names_.end(), frame.channel().local_name());
  const auto index = static_cast<std::size_t>(found - names_.begin());
  if (index < seqs.size()) seqs[index] = frame.seq();
}

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

Wrapping wrap(const delivery::Frame& frame, EventIds& ids, Framing framing, std::string_view first) {
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
