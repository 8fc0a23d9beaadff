#include "app/bench/load.hpp"

#include <algorithm>

namespace danwa::bench {

// The life of one comment: `post`, `send_request` (after a connect if needed), then `on_reply` or `on_broken`. Three
// outcomes are possible. Acknowledged: the ledger gets the seq. Refused: it counts as a failure. Unknown (no answer, or
// a 5xx): the comment is in the log once or not at all, and the ledger accepts both.
//
// Its text carries the run, its number and the time of sending, so a watcher can measure the delay without a table. The
// request is written and the answer is scanned without a JSON library, so the tool uses little CPU.

namespace {

constexpr std::int64_t kBusyPause = 250'000;     // us
constexpr std::int64_t kBusyLimit = 30'000'000;  // us; a node that answers 503 for longer has failed

}  // namespace

Poster::Poster(RunState& state, PosterOwner& owner, std::size_t number)
    : Connection{state.loop},
      state_{state},
      owner_{owner},
      number_{number},
      node_{state.options.post_to_first ? 0 : number % state.nodes.size()} {
  token_ = state_.options.token_for("bench-" + std::to_string(number));
}

void Poster::post(std::uint64_t n, std::int64_t due_us) {
  n_ = n;
  conversation_ = static_cast<std::size_t>(n % state_.conversations.size());
  due_us_ = due_us;
  start_us_ = now_us();
  text_ = state_.run + ' ' + std::to_string(n) + ' ' + std::to_string(start_us_) + ' ';
  if (text_.size() < state_.options.text_size) text_.resize(state_.options.text_size, 'x');
  hash_ = text_hash(text_);
  busy_ = true;
  ++state_.counts.posts;
  state_.in_flight.sent();
  if (connected()) {
    send_request();
  } else {
    connect(state_.nodes[node_]);
  }
}

void Poster::send_request() {
  const std::string& conversation = state_.conversations[conversation_];
  const std::size_t length = text_.size() + conversation.size() + 35;  // 35: the fixed text below
  std::string request = head_;
  if (state_.options.crash_tolerant) {
    request += "Idempotency-Key: " + state_.run + '-' + std::to_string(n_) + "\r\n";
  }
  request += "Content-Length: " + std::to_string(length) + "\r\n\r\n{\"content\":\"";
  request += text_;
  request += "\",\"conversationKey\":\"";
  request += conversation;
  request += "\"}";
  sent_us_ = now_us();
  send(request);
}

void Poster::on_connected() {
  parser_.restart();
  head_ = "POST /v1/comments HTTP/1.1\r\nHost: " + state_.nodes[node_].name + "\r\nAuthorization: Bearer " + token_ +
          "\r\nContent-Type: application/json\r\n";
  if (busy_) send_request();
}

std::size_t Poster::on_bytes(std::span<char> bytes) {
  std::string_view rest{bytes.data(), bytes.size()};
  try {
    if (!parser_.feed(rest)) return bytes.size() - rest.size();
    if (!busy_) throw client::NetworkError{"an answer to nothing"};
  } catch (const client::NetworkError& error) {
    disconnect();
    on_broken(error.what());
    return 0;
  }
  on_reply(parser_.take());
  return bytes.size() - rest.size();
}

void Poster::on_reply(const client::HttpReply& reply) {
  const int status = reply.status;
  ++state_.counts.statuses[status];
  leaving_ = !reply.keep_alive;
  if (status == 201) return on_created(reply);
  if (state_.options.crash_tolerant && (status >= 500 || status == 429)) {
    try_again(50'000, true);
    return;
  }
  if (status == 503 && now_us() - start_us_ < kBusyLimit) {  // a 503 promises that nothing was saved
    try_again(kBusyPause, false);
    return;
  }
  state_.failed("status " + std::to_string(status) + " from " + state_.nodes[node_].name + ": " +
                reply.body.substr(0, 200));
  if (status >= 500) state_.ledger.unknown(hash_);
  finish(status, {}, 0);
}

void Poster::on_created(const client::HttpReply& reply) {
  const auto now = now_us();
  const std::string_view body = reply.body;
  const auto id = scan_text(body, R"("id":")");
  const auto text = scan_text(body, R"("content":")");
  const auto after_text = text.empty() ? body : body.substr(static_cast<std::size_t>(text.end() - body.begin()));
  const auto seq = scan_number(after_text, R"("seq":)");
  if (state_.options.crash_tolerant && !reply.header("idempotency-replayed").empty()) {
    ++state_.counts.replays;
  }
  state_.ledger.acknowledged(conversation_, seq, text == text_ ? hash_ : text_hash(text), now);
  state_.post_latency.add(now - due_us_);
  finish(201, id, seq);
}

/// Writes the comment into the history. `status` 0: without an answer.
void Poster::end(int status, std::string_view id, std::uint64_t seq) {
  const std::string key = state_.run + '-' + std::to_string(n_);
  state_.history.post({state_.nodes[node_].name, state_.conversations[conversation_], key, id, hash_, start_us_,
                       now_us(), status, seq});
  if (status == 201) {
    state_.in_flight.acknowledged(conversation_, seq, now_us());
  } else {
    state_.in_flight.ended();
  }
  busy_ = false;
}

void Poster::finish(int status, std::string_view id, std::uint64_t seq) {
  end(status, id, seq);
  if (leaving_) disconnect();
  leaving_ = false;
  owner_.on_idle(*this);
}

void Poster::try_again(std::int64_t delay_us, bool elsewhere) {
  ++state_.counts.retries;
  leaving_ = false;
  disconnect();
  if (elsewhere) node_ = state_.next_node(node_);
  waiting_ = true;
  state_.loop.after(delay_us, [this] {
    waiting_ = false;
    if (busy_) connect(state_.nodes[node_]);
  });
}

void Poster::on_broken(const char* why) {
  if (!busy_) return;  // between two posts: the next post connects again
  if (state_.options.crash_tolerant) {
    try_again(20'000, true);
    return;
  }
  state_.failed(state_.nodes[node_].name + ": " + why);
  state_.ledger.unknown(hash_);
  state_.in_flight.ended();
  busy_ = false;
  // Later, so that an unavailable node does not cause a tight loop.
  state_.loop.after(100'000, [this] {
    if (!busy_) owner_.on_idle(*this);
  });
}

void Poster::check_patience(std::int64_t now) {
  const auto patience = static_cast<std::int64_t>(state_.options.request_seconds * 1e6);
  if (!busy_ || waiting_ || now - std::max(sent_us_, start_us_) < patience) return;
  sent_us_ = now;
  if (state_.options.crash_tolerant) {
    try_again(0, true);
  } else {
    disconnect();
    on_broken("no answer in time");
  }
}

void Poster::give_up() {
  if (!busy_) return;
  disconnect();
  state_.ledger.unknown(hash_);
  end(0, {}, 0);
}

}  // namespace danwa::bench
