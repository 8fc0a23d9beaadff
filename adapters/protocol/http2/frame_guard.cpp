#include "adapters/protocol/http2/frame_guard.hpp"

#include <utility>

// The guard protects a server whose HTTP/2 stack does too much work for too few bytes: endless CONTINUATION frames,
// rapid resets, floods of PING, SETTINGS and empty frames. It walks over the frame headers of both sides and skips
// payloads, so it costs little. Each kind of frame has a token bucket; a client that empties one is refused.
//
// The guard needs the server's side for three things: the end of calls (END_STREAM, RST_STREAM), the frames that allow
// further frames of the client, and the largest frame that the server allows (SETTINGS_MAX_FRAME_SIZE grows with the
// bandwidth that gRPC measures).
//
// Invariant of `from_client`: bytes before `safe` are accepted and never end inside a header block; bytes behind it are
// held until the block is complete.

namespace danwa::adapters::http2 {
namespace {

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>((number >> shift) & 0xFF));
}

}  // namespace

FrameHeader read_frame_header(const std::array<std::uint8_t, kFrameHeader>& bytes) {
  const auto at = [&bytes](std::size_t index) { return static_cast<std::uint32_t>(bytes[index]); };
  return {.length = at(0) << 16 | at(1) << 8 | at(2),
          .type = bytes[3],
          .flags = bytes[4],
          .stream = (at(5) << 24 | at(6) << 16 | at(7) << 8 | at(8)) & kMaxStream};
}

std::string goaway_frame(std::uint32_t last_stream, ErrorCode code, std::string_view text) {
  std::string out;
  append_number(out, static_cast<std::uint32_t>(8 + text.size()), 3);
  append_number(out, static_cast<std::uint32_t>(FrameType::goaway), 1);
  append_number(out, 0, 5);  // no flags, stream 0
  append_number(out, last_stream, 4);
  append_number(out, static_cast<std::uint32_t>(code), 4);
  out += text;
  return out;
}

namespace {

constexpr double kUpdatesPerFrame = 4;  // WINDOW_UPDATE frames that a frame allows, see GuardLimits
constexpr double kBytesPerUpdate = 32;  // bytes of a frame that allow one more
constexpr std::size_t kSetting = 6;     // bytes of one entry of SETTINGS (RFC 9113 section 6.5.1)
constexpr std::size_t kErrorBytes = 4;  // bytes of RST_STREAM

}  // namespace

FrameGuard::Accepted FrameGuard::from_client(std::string_view bytes, Time now) {
  std::size_t at = 0;
  std::size_t safe = 0;  // bytes before it are accepted
  if (!refusal_ && !has_preface()) {
    read_preface(bytes, at);
    if (has_preface()) safe = at;
  }
  while (!refusal_ && at < bytes.size()) {
    if (client_.have < kFrameHeader) {
      if (!read_header(client_, bytes, at)) break;
      begin_client_frame(now);
    } else {
      if (std::exchange(client_.padding, false)) count_padding(static_cast<std::uint8_t>(bytes[at]), now);
      const auto taken = std::min(client_.left, bytes.size() - at);
      client_.left -= taken;
      at += taken;
    }
    if (refusal_) break;
    if (client_.left == 0) end_client_frame();
    if (!client_.in_block) safe = at;
  }
  Accepted accepted{.held = {}, .pass = bytes.substr(0, safe)};
  if (safe > 0) accepted.held = std::exchange(held_, {});
  if (refusal_) {
    held_.clear();
  } else {
    held_ += bytes.substr(safe);
  }
  return accepted;
}

void FrameGuard::read_preface(std::string_view bytes, std::size_t& at) {
  const auto size = std::min(kPreface.size() - preface_, bytes.size());
  if (bytes.substr(0, size) != kPreface.substr(preface_, size)) {
    return refuse(ErrorCode::protocol_error, "this port speaks HTTP/2 from its first byte");
  }
  preface_ += size;
  at = size;
}

/// True when the header of the next frame is complete.
bool FrameGuard::read_header(Side& side, std::string_view bytes, std::size_t& at) {
  const auto size = std::min(kFrameHeader - side.have, bytes.size() - at);
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size,
              side.bytes.begin() + static_cast<std::ptrdiff_t>(side.have));
  side.have += size;
  at += size;
  if (side.have < kFrameHeader) return false;
  side.frame = read_frame_header(side.bytes);
  side.left = side.frame.length;
  return true;
}

void FrameGuard::begin_client_frame(Time now) {
  const auto& frame = client_.frame;
  if (frame.length > max_frame_) return refuse(ErrorCode::frame_size_error, "a frame is larger than SETTINGS allow");
  if (!settings_seen_ && !frame.is(FrameType::settings)) {
    return refuse(ErrorCode::protocol_error, "the first frame is not SETTINGS");
  }
  settings_seen_ = true;
  if (client_.in_block) return begin_continuation();
  switch (static_cast<FrameType>(frame.type)) {
    case FrameType::data:
      return begin_data(now);
    case FrameType::headers:
      return begin_headers(now);
    case FrameType::rst_stream:
      close(frame.stream);
      return spend(resets_, now, "too many streams are reset");
    case FrameType::settings:
      return spend(settings_, now, "too many SETTINGS frames");
    case FrameType::ping:
      return spend(pings_, now, "too many PING frames");
    case FrameType::window_update:
      return spend(window_updates_, now, "too many WINDOW_UPDATE frames");
    case FrameType::continuation:
      return refuse(ErrorCode::protocol_error, "a CONTINUATION frame continues nothing");
    case FrameType::push_promise:
      return refuse(ErrorCode::protocol_error, "a client must not push");
    case FrameType::priority:
    case FrameType::goaway:
      break;
  }
  spend(others_, now, "too many frames without use");
}

void FrameGuard::begin_headers(Time now) {
  const auto& frame = client_.frame;
  if (frame.stream % 2 == 0) return refuse(ErrorCode::protocol_error, "a stream of a client has an odd number");
  if (frame.stream > last_stream_) {
    last_stream_ = frame.stream;
    open_.push_back(frame.stream);
    window_updates_.credit(kUpdatesPerFrame);
    if (open_.size() > limits_.open_streams) {
      return refuse(ErrorCode::enhance_your_calm, "too many streams are open");
    }
  } else {
    spend(strays_, now, "too many frames for streams that are over");
  }
  client_.in_block = true;
  client_.stream = frame.stream;
  block_size_ = frame.length;
  block_frames_ = 0;
  header_deadline_ = now + limits_.header_time;
  check_block();
}

void FrameGuard::begin_continuation() {
  const auto& frame = client_.frame;
  if (!frame.is(FrameType::continuation) || frame.stream != client_.stream) {
    return refuse(ErrorCode::protocol_error, "a header block is interrupted");
  }
  block_size_ += frame.length;
  ++block_frames_;
  check_block();
}

void FrameGuard::check_block() {
  if (block_size_ > limits_.header_block) refuse(ErrorCode::enhance_your_calm, "the headers of a call are too large");
  if (block_frames_ > limits_.continuations) refuse(ErrorCode::enhance_your_calm, "too many CONTINUATION frames");
}

void FrameGuard::begin_data(Time now) {
  const auto& frame = client_.frame;
  if (!is_open(frame.stream)) spend(strays_, now, "too many frames for streams that are over");
  if (frame.has(kPadded)) {
    if (frame.length == 0) return refuse(ErrorCode::frame_size_error, "a frame is too short for its padding");
    client_.padding = true;
  } else if (frame.length == 0 && !frame.has(kEndStream)) {
    spend(empty_data_, now, "too many empty DATA frames");
  }
}

void FrameGuard::count_padding(std::uint8_t padding, Time now) {
  const auto& frame = client_.frame;
  if (padding >= frame.length) return refuse(ErrorCode::protocol_error, "the padding is longer than its frame");
  if (padding + 1U == frame.length && !frame.has(kEndStream)) spend(empty_data_, now, "too many empty DATA frames");
}

void FrameGuard::end_client_frame() {
  client_.have = 0;
  if (!client_.in_block || !client_.frame.has(kEndHeaders)) return;
  client_.in_block = false;
  header_deadline_.reset();
}

void FrameGuard::refuse_late_headers() {
  if (header_deadline_) refuse(ErrorCode::enhance_your_calm, "the headers of a call take too long");
}

void FrameGuard::from_server(std::string_view bytes, Time now) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (server_.have < kFrameHeader) {
      if (!read_header(server_, bytes, at)) break;
      begin_server_frame();
    } else {
      const auto taken = std::min(server_.left, bytes.size() - at);
      read_server_payload(bytes.substr(at, taken));
      server_.left -= taken;
      at += taken;
    }
    if (server_.left == 0) end_server_frame(now);
  }
}

void FrameGuard::begin_server_frame() {
  const auto& frame = server_.frame;
  server_word_size_ = 0;
  switch (static_cast<FrameType>(frame.type)) {
    case FrameType::data:
    case FrameType::headers:
      pings_.credit(1);
      window_updates_.credit(kUpdatesPerFrame + frame.length / kBytesPerUpdate);
      if (frame.has(kEndStream)) close(frame.stream);
      break;
    case FrameType::settings:
      if (!frame.has(kAck)) settings_.credit(1);
      break;
    case FrameType::ping:
      if (!frame.has(kAck)) pings_.credit(1);
      break;
    case FrameType::goaway:
      server_leaves_ = true;
      break;
    default:
      break;
  }
}

/// Keeps the latest entry of SETTINGS and the code of RST_STREAM. Other payloads are skipped.
void FrameGuard::read_server_payload(std::string_view payload) {
  const bool settings = server_.frame.is(FrameType::settings);
  if (!settings && !server_.frame.is(FrameType::rst_stream)) return;
  for (const char byte : payload) {
    if (server_word_size_ == kSetting) server_word_size_ = 0;
    server_word_[server_word_size_++] = static_cast<std::uint8_t>(byte);
    if (!settings || server_word_size_ < kSetting) continue;
    const auto at = [this](std::size_t index) { return static_cast<std::uint32_t>(server_word_[index]); };
    const auto value = at(2) << 24 | at(3) << 16 | at(4) << 8 | at(5);
    if ((at(0) << 8 | at(1)) == kSettingMaxFrameSize) max_frame_ = std::max(max_frame_, value);
  }
}

void FrameGuard::end_server_frame(Time now) {
  const auto& frame = server_.frame;
  server_.have = 0;
  if (frame.is(FrameType::headers)) server_.in_block = true;
  if (server_.in_block && frame.has(kEndHeaders)) server_.in_block = false;
  if (!frame.is(FrameType::rst_stream)) return;
  close(frame.stream);
  const auto* code = server_word_.begin();
  const bool failed = std::any_of(code, code + kErrorBytes, [](std::uint8_t byte) { return byte != 0; });
  if (failed) spend(resets_, now, "too many streams are reset");
}

bool FrameGuard::server_between_frames() const { return server_.have == 0 && !server_.in_block; }

bool FrameGuard::is_open(std::uint32_t stream) const { return std::binary_search(open_.begin(), open_.end(), stream); }

void FrameGuard::close(std::uint32_t stream) {
  const auto found = std::lower_bound(open_.begin(), open_.end(), stream);
  if (found != open_.end() && *found == stream) open_.erase(found);
}

void FrameGuard::spend(FrameAllowance& allowance, Time now, std::string_view reason) {
  if (!allowance.take(now)) refuse(ErrorCode::enhance_your_calm, reason);
}

/// Only the first reason is kept.
void FrameGuard::refuse(ErrorCode code, std::string_view reason) {
  if (!refusal_) refusal_ = Refusal{code, reason};
  header_deadline_.reset();
}

}  // namespace danwa::adapters::http2
