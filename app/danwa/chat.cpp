#include "app/danwa/commands.hpp"

#ifdef DANWA_GRPC
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "app/danwa/requests.hpp"
#include "infra/grpc_client/chat_client.hpp"
#include "infra/system/identity.hpp"

// A talk outlives its connections. Each line gets a mark, which is its clientRef and its idempotency key, and stays in
// `unconfirmed_` until it comes back as a comment. After a break the next node gets the unconfirmed lines again, so
// none is lost, and the server recognises those that it has. The watch goes on from the last cursor. One thread blocks
// on the stream and prints; a second one reads lines, because a read of the terminal blocks, too. Failed attempts are
// repeated after 100 ms, then more slowly, up to 5 s.

namespace danwa::tool {
namespace {

using grpc_client::ChatChannel;
using grpc_client::ChatMessage;
using std::chrono::milliseconds;

/// One conversation over many streams. Runs on: two threads, the caller's, which prints, and one that reads lines.
class Talk {
 public:
  explicit Talk(const ChatOptions& options) : options_{options}, after_{options.after} {}
  ~Talk() {
    over_ = true;
    if (typing_.joinable()) typing_.join();
  }

  int run() {
    typing_ = std::thread{[this] { read_lines(); }};
    for (std::size_t node = 0;; node = (node + 1) % options_.addresses.size()) {
      const auto end = talk_once(options_.addresses[node]);
      if (done()) return refused_ ? kRefused : kOk;
      complain(options_.addresses[node] + ": " + for_terminal(end.text));
      if (!end.worth_trying) return kRefused;
      std::this_thread::sleep_for(pause_);
      pause_ = std::min(pause_ * 2, milliseconds{5000});
    }
  }

 private:
  struct Line {
    std::string mark;
    std::string text;
  };

  ChatChannel::End talk_once(const std::string& address) {
    auto channel =
        std::make_shared<ChatChannel>(ChatChannel::Request{address, options_.token, options_.conversation, after_});
    begin(channel);
    while (auto message = channel->next()) on_message(*message);
    {
      const std::lock_guard lock{mutex_};
      channel_.reset();
    }
    return channel->end();
  }

  /// Sends the unconfirmed lines again.
  void begin(const std::shared_ptr<ChatChannel>& channel) {
    const std::lock_guard lock{mutex_};
    channel_ = channel;
    for (const auto& line : unconfirmed_) channel_->send(line.text, line.mark);
    leave_if_done();
  }

  void on_message(const ChatMessage& message) {
    if (!message.cursor.empty()) after_ = message.cursor;
    if (message.kind == "watching") pause_ = milliseconds{100};
    if (message.kind == "error") refused_ = true;
    show(message);
    if (message.client_ref.empty()) return;
    const std::lock_guard lock{mutex_};
    std::erase_if(unconfirmed_, [&](const Line& line) { return line.mark == message.client_ref; });
    leave_if_done();
  }

  static void show(const ChatMessage& message) {
    if (message.kind == "watching") {
      std::fprintf(stderr, "-- %s through %s\n", for_terminal(message.conversation).c_str(),
                   for_terminal(message.node).c_str());
    }
    for (const auto& error : message.errors) std::fprintf(stderr, "-- %s\n", for_terminal(error).c_str());
    if (message.kind == "comment-added") {
      std::puts(for_terminal(message.author + ": " + message.text).c_str());
      std::fflush(stdout);
    }
  }

  /// Waits with a time limit, so that the end of the talk does not wait for a key press.
  void read_lines() {
    std::string text;
    std::array<char, 4096> piece{};
    while (!over_) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      if (::poll(&input, 1, 100) <= 0) continue;
      const auto size = ::read(STDIN_FILENO, piece.data(), piece.size());
      if (size <= 0) break;
      text.append(piece.data(), static_cast<std::size_t>(size));
      for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        say(text.substr(0, end));
        text.erase(0, end + 1);
      }
    }
    if (!text.empty()) say(std::move(text));
    const std::lock_guard lock{mutex_};
    input_over_ = true;
    leave_if_done();
  }

  void say(std::string text) {
    if (text.empty()) return;
    const std::lock_guard lock{mutex_};
    unconfirmed_.push_back({system::random_hex(8), std::move(text)});
    if (channel_) channel_->send(unconfirmed_.back().text, unconfirmed_.back().mark);
  }

  bool done() {
    const std::lock_guard lock{mutex_};
    return input_over_ && unconfirmed_.empty();
  }
  void leave_if_done() {
    if (input_over_ && unconfirmed_.empty() && channel_) channel_->cancel();
  }

  const ChatOptions& options_;
  std::string after_;
  milliseconds pause_{100};
  bool refused_ = false;
  std::atomic<bool> over_{false};
  std::thread typing_;

  std::mutex mutex_;  // guards the members below; both threads send
  std::shared_ptr<ChatChannel> channel_;
  std::deque<Line> unconfirmed_;
  bool input_over_ = false;
};

}  // namespace

int chat(const ChatOptions& options) { return Talk{options}.run(); }

}  // namespace danwa::tool
#else

namespace danwa::tool {

int chat(const ChatOptions& /*options*/) {
  std::fputs("danwa: gRPC is not part of this build\n", stderr);
  return kUsage;
}

}  // namespace danwa::tool
#endif
