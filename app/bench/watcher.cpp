#include <algorithm>
#include <charconv>
#include <utility>

#include "app/bench/ledger.hpp"
#include "app/bench/load.hpp"

namespace danwa::bench {

// A watcher is a checker: seq must be exactly the next one, across reconnects too, and every deviation goes to the
// ledger. With delivery=latest an `updates-missed` frame that names the gap is accepted.
//
// It measures two delays, both at the arrival of the bytes: from the first sending of a comment, whose time is in its
// text, and from its acknowledgement, which the ledger knows because posters and watchers share one process and clock.

namespace {

namespace websocket = adapters::websocket;
using websocket::Event;

constexpr std::string_view kKey = "ZGFud2EtYmVuY2gta2V5IQ==";  // any 16 bytes; the answer is not checked here
constexpr std::int64_t kSilence = 3'000'000;                   // us
constexpr std::uint64_t kAgain = 8;                            // updates that a watcher who comes back gets again
constexpr websocket::FrameParser::Limits kLimits{.max_message = 16 << 20, .from = websocket::Role::server};

/// The time of the comment's first sending, from its text: `<run> <number> <us> xxx`. 0 if the text has another form.
std::int64_t sent_at(std::string_view text) {
  const auto first = text.find(' ');
  const auto second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  if (second == std::string_view::npos) return 0;
  std::int64_t at = 0;
  std::from_chars(text.data() + second + 1, text.data() + text.size(), at);
  return at;
}

/// A client's frame, whose mask may be any: zeros leave the payload as it is.
std::string control_frame(websocket::Opcode opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80 | static_cast<int>(opcode)), static_cast<char>(0x80 | payload.size())};
  return frame.append(4, '\0').append(payload);
}

}  // namespace

WatcherConnection::WatcherConnection(RunState& state, std::size_t number, bool from_start)
    : Connection{state.loop},
      state_{state},
      number_{number},
      conversation_{number % state.conversations.size()},
      node_{(number / state.conversations.size()) % state.nodes.size()},
      frames_{kLimits},
      from_start_{from_start} {
  token_ = state_.options.token_for("watcher-" + std::to_string(number));
}

void WatcherConnection::start() {
  started_us_ = now_us();
  connect(state_.nodes[node_]);
}

void WatcherConnection::on_connected() {
  upgraded_ = false;
  upgrade_.restart();
  frames_ = websocket::FrameParser{kLimits};
  message_.clear();
  heard_us_ = now_us();
  std::string target = "/v1/conversations/" + state_.conversations[conversation_] + "/updates";
  if (from_start_) target += "?after=" + (epoch_.empty() ? "" : epoch_ + ':') + std::to_string(next_seq_ - 1);
  if (state_.options.latest) target += from_start_ ? "&delivery=latest" : "?delivery=latest";
  state_.history.watch(number_, state_.nodes[node_].name, state_.conversations[conversation_], next_seq_ - 1,
                       heard_us_);
  send("GET " + target + " HTTP/1.1\r\nHost: " + state_.nodes[node_].name +
       "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
       std::string{kKey} + "\r\nAuthorization: Bearer " + token_ + "\r\n\r\n");
}

std::size_t WatcherConnection::on_bytes(std::span<char> bytes) {
  heard_us_ = now_us();
  const std::size_t used = upgraded_ ? 0 : on_upgrade(bytes);
  if (!upgraded_) return used;
  auto rest = bytes.subspan(used);
  while (connected()) {
    const auto event = frames_.next(rest);
    if (event.kind == Event::Kind::more) break;
    on_event(event);
  }
  return bytes.size();
}

std::size_t WatcherConnection::on_upgrade(std::span<char> bytes) {
  std::string_view rest{bytes.data(), bytes.size()};
  try {
    if (!upgrade_.feed(rest)) return bytes.size() - rest.size();
    const int status = upgrade_.take().status;
    upgraded_ = status == 101;
    if (upgraded_) return bytes.size() - rest.size();
    ++state_.counts.statuses[status];
    fail("upgrade refused with " + std::to_string(status));
  } catch (const client::NetworkError& error) {
    fail(error.what());
  }
  return 0;
}

void WatcherConnection::on_event(const Event& event) {
  switch (event.kind) {
    case Event::Kind::text:
      if (event.ends_message && message_.empty()) return on_message(event.payload);
      message_ += event.payload;
      if (event.ends_message) on_message(std::exchange(message_, {}));
      return;
    case Event::Kind::ping:
      return send(control_frame(websocket::Opcode::pong, event.payload));
    case Event::Kind::close:
      if (stopped_) return;  // the answer to its own; the server ends the connection
      send(control_frame(websocket::Opcode::close, {}));
      return fail("closed with " + std::to_string(event.code));
    case Event::Kind::refused:
      return fail("a frame that is none: " + std::string{event.payload});
    default:
      return;
  }
}

void WatcherConnection::fail(const std::string& why) {
  disconnect();
  on_broken(why.c_str());
}

void WatcherConnection::on_message(std::string_view json) {
  const auto frame = scan_frame(json);
  if (!frame) {
    state_.failed("a frame without type or seq");
  } else if (frame->type.starts_with("comment-")) {
    on_update(*frame);
  } else if (frame->type == "watching") {
    watching_ = true;
    state_.until_watching.add(heard_us_ - started_us_);
    epoch_ = frame->cursor.substr(0, frame->cursor.find(':'));
    note_resumed();
  } else if (frame->type == "reset") {
    state_.ledger.reset();
  } else if (frame->type == "updates-missed") {
    const auto from = scan_number(json, R"("fromSeq":)");
    const auto to = scan_number(json, R"("toSeq":)");
    if (from != next_seq_ || !state_.options.latest) state_.ledger.out_of_turn(from + 1, next_seq_);
    state_.counts.told_missed += to - from + 1;
    for (auto seq = from; seq <= to; ++seq) state_.in_flight.received(conversation_, seq);
    next_seq_ = to + 1;
  }
}

void WatcherConnection::on_update(const ScannedFrame& update) {
  ++state_.counts.deliveries;
  if (update.seq != next_seq_ && from_start_) state_.ledger.out_of_turn(update.seq, next_seq_);
  next_seq_ = update.seq + 1;
  state_.in_flight.received(conversation_, update.seq);
  const bool shows_post = update.shows_post() || !state_.options.others_change;
  const auto acknowledged = shows_post ? state_.ledger.seen(conversation_, update.seq, text_hash(update.text))
                                       : state_.ledger.passed(conversation_, update.seq);
  const auto sent = shows_post ? sent_at(update.text) : 0;
  auto& delays = stalled_ ? state_.stalled : state_.others;
  if (sent > 0) delays.send_to_socket.add(heard_us_ - sent);
  delays.ack_to_socket.add(acknowledged == 0 ? 0 : heard_us_ - acknowledged);
  note_resumed();
  state_.history.deliver(number_, state_.nodes[node_].name, state_.conversations[conversation_], update, heard_us_);
}

void WatcherConnection::on_broken(const char* why) {
  watching_ = false;
  if (stopped_) return;
  if (!state_.options.crash_tolerant) {
    failed_ = true;
    state_.in_flight.watcher_gone(conversation_, next_seq_);
    state_.failed("watcher at " + state_.nodes[node_].name + ": " + why);
    return;
  }
  ++state_.counts.reconnects;
  node_ = state_.next_node(node_);
  state_.loop.after(50'000, [this] {
    if (!stopped_) connect(state_.nodes[node_]);
  });
}

void WatcherConnection::check_silence(std::int64_t now) {
  if (!state_.options.crash_tolerant || !connected() || now - heard_us_ < kSilence) return;
  if (watching_ && next_seq_ > state_.ledger.head(conversation_)) return;
  fail("silent");
}

void WatcherConnection::drop() {
  watching_ = false;
  disconnect();
}

void WatcherConnection::resume() {
  resume_to_ = next_seq_;
  next_seq_ -= std::min(kAgain, next_seq_ - 1);
  start();
}

void WatcherConnection::note_resumed() {
  if (resume_to_ == 0 || !watching_ || next_seq_ < resume_to_) return;
  resume_to_ = 0;
  state_.until_resumed.add(heard_us_ - started_us_);
}

void WatcherConnection::stall() {
  stalled_ = true;
  set_reading(false);
}

void WatcherConnection::leave() {
  stopped_ = true;
  send(control_frame(websocket::Opcode::close, "\x03\xE8"));  // 1000
}

void WatcherConnection::stop() {
  stopped_ = true;
  disconnect();
}

}  // namespace danwa::bench
