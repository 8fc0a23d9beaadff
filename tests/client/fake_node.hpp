#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/bench/ledger.hpp"

namespace danwa::tests {

/// The log that fake nodes share.
struct FakeLog {
  std::mutex mutex;
  std::condition_variable grown;
  std::map<std::string, std::vector<std::string>> frames;  // JSON by conversation
  std::map<std::string, std::string> answers;              // by Idempotency-Key

  /// Posts that a node has and has not answered; the most of them at one time.
  std::atomic<int> unanswered{0};
  std::atomic<int> most_unanswered{0};
  /// The most comments of a conversation that a watcher lacked just before it was sent one.
  std::atomic<std::size_t> most_lacked{0};
};

/// Which frames a watcher is sent in place of this one; a sound node sends just it.
using Delivery = std::function<std::vector<std::string>(std::uint64_t seq, const std::string& frame)>;
/// What becomes of a post: answer it, say nothing and hang up after saving, answer without saving, or 503.
enum class PostFate { answer, hang_up, forget, busy };

/// A node's two endpoints, on a thread per connection, with faults on demand. Only for the load tool's tests.
class FakeNode {
 public:
  explicit FakeNode(FakeLog& log) : log_{log} {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 128);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    name_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    threads_.emplace_back([this] { accept_all(); });
  }
  ~FakeNode() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    {
      const std::lock_guard lock{sockets_mutex_};
      for (const int fd : sockets_) ::shutdown(fd, SHUT_RDWR);
    }
    log_.grown.notify_all();
    threads_.front().join();
    for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
    for (const int fd : sockets_) ::close(fd);
    ::close(listener_);
  }
  FakeNode(const FakeNode&) = delete;
  FakeNode& operator=(const FakeNode&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t posts() const { return posts_; }
  std::uint64_t watches() const { return watches_; }
  Delivery deliver = [](std::uint64_t, const std::string& frame) { return std::vector{frame}; };
  std::function<PostFate(std::uint64_t n)> fate = [](std::uint64_t) { return PostFate::answer; };
  /// Time between a comment and its way to each watcher.
  std::chrono::milliseconds delivery_delay{0};

 private:
  void accept_all() {
    for (;;) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0 || stopping_) return;
      const std::lock_guard lock{sockets_mutex_};
      sockets_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  static void write(int fd, const std::string& bytes) { (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  static std::string answer(int status, const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  void serve(int fd) {
    std::string buffer;
    char chunk[4096];
    for (;;) {
      const auto end = buffer.find("\r\n\r\n");
      const auto length = bench::scan_number(buffer, "Content-Length: ");
      if (end != std::string::npos && buffer.size() >= end + 4 + length) {
        if (!handle(fd, buffer.substr(0, end + 4), buffer.substr(end + 4, length))) break;
        buffer.erase(0, end + 4 + length);
        continue;
      }
      const auto got = ::recv(fd, chunk, sizeof chunk, 0);
      if (got <= 0) break;
      buffer.append(chunk, static_cast<std::size_t>(got));
    }
    ::shutdown(fd, SHUT_RDWR);
  }

  bool handle(int fd, const std::string& head, const std::string& body) {
    if (head.starts_with("POST")) return post(fd, head, body);
    if (head.find("Upgrade: websocket") != std::string::npos) return watch(fd, head);
    if (head.starts_with("GET /v1/conversations/")) {
      write(fd, answer(200, page(head)));
    } else {
      write(fd, answer(200, "{}"));
    }
    return true;
  }

  bool post(int fd, const std::string& head, const std::string& body) {
    const int unanswered = ++log_.unanswered;
    for (int most = log_.most_unanswered; most < unanswered;) {
      if (log_.most_unanswered.compare_exchange_weak(most, unanswered)) break;
    }
    const PostFate fate_now = fate(posts_++);
    const auto reply = reply_to(head, body, fate_now);
    --log_.unanswered;  // before it is sent, since its client may post again at once
    if (fate_now == PostFate::hang_up) return false;
    write(fd, reply);
    return true;
  }

  std::string reply_to(const std::string& head, const std::string& body, PostFate fate_now) {
    if (fate_now == PostFate::busy) return answer(503, "{}", "Retry-After: 1\r\n");
    const std::string key{between(head, "Idempotency-Key: ", "\r\n")};
    std::string reply;
    std::string more;
    {
      const std::lock_guard lock{log_.mutex};
      if (!key.empty() && log_.answers.contains(key)) {
        reply = log_.answers[key];
        more = "Idempotency-Replayed: true\r\n";
      } else {
        reply = save(body, fate_now != PostFate::forget);
        if (!key.empty()) log_.answers[key] = reply;
      }
    }
    log_.grown.notify_all();
    return answer(201, reply, more);
  }

  std::string save(const std::string& body, bool keep) {
    using bench::scan_text;
    const std::string conversation{scan_text(body, R"("conversationKey":")")};
    const std::string text{scan_text(body, R"("content":")")};
    auto& frames = log_.frames[conversation];
    const std::string seq = std::to_string(frames.size() + 1);
    const std::string id = conversation + "/" + seq;
    if (keep) {
      frames.push_back(R"({"type":"comment-added","payload":{"commentId":")" + id + R"(","commentContent":")" + text +
                       R"(","authorId":"a","conversationKey":")" + conversation + R"(","seq":)" + seq + "}}");
    }
    return R"({"id":")" + id + R"(","content":")" + text + R"(","seq":)" + seq + "}";
  }

  static std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) return {};
    return text.substr(at + from.size(), text.find(to, at + from.size()) - at - from.size());
  }
  static std::uint64_t after_of(const std::string& head) {
    const std::string after = between(head, "after=", " ");
    const auto colon = after.find(':');
    return std::strtoull(after.c_str() + (colon == std::string::npos ? 0 : colon + 1), nullptr, 10);
  }

  std::string page(const std::string& head) {
    const std::lock_guard lock{log_.mutex};
    const auto& frames = log_.frames[between(head, "/conversations/", "/updates")];
    std::string body = R"({"updates":[)";
    for (auto i = after_of(head); i < frames.size(); ++i) body += frames[i] + ",";
    return body + "]}";
  }

  static std::string text_frame(const std::string& json) {
    std::string out = "\x81";
    if (json.size() < 126) return out + static_cast<char>(json.size()) + json;
    out += static_cast<char>(126);
    out += static_cast<char>(json.size() >> 8);
    return out + static_cast<char>(json.size() & 0xFF) + json;
  }

  bool watch(int fd, const std::string& head) {
    ++watches_;
    const std::string conversation = between(head, "/conversations/", "/updates");
    std::uint64_t next = after_of(head);
    write(fd, "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" +
                  text_frame(R"({"type":"watching","payload":{"cursor":"e:)" + std::to_string(next) + "\"}}"));
    std::unique_lock lock{log_.mutex};
    while (!stopping_) {
      auto& frames = log_.frames[conversation];
      if (next == frames.size()) {
        char first = 0;
        if (::recv(fd, &first, 1, MSG_DONTWAIT) > 0 && first == '\x88') return false;  // the client closes
        log_.grown.wait_for(lock, std::chrono::milliseconds{50});
        continue;
      }
      if (delivery_delay.count() > 0) {
        lock.unlock();
        std::this_thread::sleep_for(delivery_delay);
        lock.lock();
      }
      const auto lacked = static_cast<std::size_t>(frames.size() - next);
      if (lacked > log_.most_lacked) log_.most_lacked = lacked;
      const std::string frame = frames[next++];
      for (const auto& one : deliver(next, frame)) {
        if (one.empty()) return false;
        write(fd, text_frame(one));
      }
    }
    return false;
  }

  FakeLog& log_;
  int listener_ = -1;
  std::string name_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> posts_{0};
  std::atomic<std::uint64_t> watches_{0};
  std::mutex sockets_mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
};

}  // namespace danwa::tests
