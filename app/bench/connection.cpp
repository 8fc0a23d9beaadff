#include "app/bench/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

// A bare epoll loop with timers, and the connections on it. A load tool must be cheaper than what it measures;
// connection.hpp has the comparison with Asio and Beast. Reads go into a buffer that all connections share, and only
// the unconsumed rest is copied into the connection. So tens of thousands of idle connections cost no buffer.
// `on_bytes` may end the connection and even start the next one; `take` notices that by `life_` and keeps no rest of
// the old one.

namespace danwa::bench {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

EventLoop::EventLoop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)}, scratch_(256UL * 1024) {}

EventLoop::~EventLoop() { ::close(epoll_); }

void EventLoop::control(int operation, int fd, std::uint32_t events, Handler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  ::epoll_ctl(epoll_, operation, fd, &event);
}

void EventLoop::after(std::int64_t delay_us, std::function<void()> action) {
  timers_.emplace(now_us() + delay_us, std::move(action));
}

std::int64_t EventLoop::run_timers() {
  while (!timers_.empty()) {
    const auto wait = timers_.begin()->first - now_us();
    if (wait > 0) return wait;
    const auto action = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    action();
  }
  return INT64_MAX;
}

void EventLoop::turn(std::int64_t wait_us) {
  const auto wait = std::min(wait_us, run_timers());
  const int timeout = wait <= 0 ? 0 : static_cast<int>(std::min<std::int64_t>((wait + 999) / 1000, 1000));
  std::array<epoll_event, 64> events;  // few, so that what a turn has made possible is not held up for long
  const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    static_cast<Handler*>(event.data.ptr)->on_ready(event.events);
  }
}

namespace {

/// Starts to connect to `address`. Returns the socket; -1: it failed.
int start_connect(const net::SocketAddress& address) {
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (fd < 0 || ::connect(fd, address.raw(), address.size) == 0 || errno == EINPROGRESS) return fd;
  ::close(fd);
  return -1;
}

/// 0 if the connection is established, else its errno.
int connect_result(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

void Connection::connect(const client::Endpoint& node) {
  disconnect();
  node_ = &node;
  tried_ = 0;
  try_next();
}

void Connection::try_next() {
  while (tried_ < node_->addresses.size()) {
    fd_ = start_connect(node_->addresses[tried_++]);
    if (fd_ < 0) continue;  // the next address may do
    connecting_ = true;
    return loop_.control(EPOLL_CTL_ADD, fd_, EPOLLOUT, *this);
  }
  on_broken("cannot connect");
}

void Connection::disconnect() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  ++life_;
  connecting_ = wants_write_ = false;
  in_.clear();
  out_.clear();
}

void Connection::broken(const char* why) {
  disconnect();
  on_broken(why);
}

void Connection::send(std::string_view bytes) {
  if (!out_.empty()) {
    out_ += bytes;
    return;
  }
  const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return;  // the next read reports the error
  const auto taken = static_cast<std::size_t>(sent < 0 ? 0 : sent);
  if (taken == bytes.size()) return;
  out_ = bytes.substr(taken);
  wants_write_ = true;
  await_events();
}

void Connection::set_reading(bool reading) {
  reading_ = reading;
  if (connected()) await_events();
}

void Connection::await_events() {
  std::uint32_t events = 0;
  if (reading_) events |= EPOLLIN;
  if (wants_write_) events |= EPOLLOUT;
  loop_.control(EPOLL_CTL_MOD, fd_, events, *this);
}

void Connection::flush() {
  const std::string waiting = std::move(out_);
  out_.clear();
  wants_write_ = false;
  send(waiting);
  if (!wants_write_) await_events();
}

void Connection::finish_connecting() {
  if (connect_result(fd_) != 0) {
    disconnect();
    return try_next();
  }
  connecting_ = false;
  await_events();
  on_connected();
}

void Connection::on_ready(std::uint32_t events) {
  if (fd_ < 0) return;
  if (connecting_) {
    finish_connecting();
    return;
  }
  if (wants_write_ && (events & EPOLLOUT) != 0) flush();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Connection::read() {
  auto& scratch = loop_.scratch();
  const auto got = ::recv(fd_, scratch.data(), scratch.size(), 0);
  if (got > 0) {
    take({scratch.data(), static_cast<std::size_t>(got)});
  } else if (got == 0) {
    broken("closed by the server");
  } else if (errno != EAGAIN && errno != EINTR) {
    broken("connection lost");
  }
}

void Connection::take(std::span<char> bytes) {
  const auto life = life_;
  if (in_.empty()) {
    const auto used = on_bytes(bytes);
    if (life == life_ && used < bytes.size())
      in_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(used), bytes.end());
    return;
  }
  std::string all = std::move(in_);
  in_.clear();
  all.append(bytes.data(), bytes.size());
  const auto used = on_bytes(all);
  if (life == life_) in_ = all.substr(used);
}

}  // namespace danwa::bench
