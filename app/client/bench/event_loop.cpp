#include "app/client/bench/event_loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace danwa::app::bench {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

EventLoop::EventLoop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)}, scratch_(256 * 1024) {}

EventLoop::~EventLoop() { ::close(epoll_); }

void EventLoop::add(int fd, std::uint32_t events, Handler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::change(int fd, std::uint32_t events, Handler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
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
  std::array<epoll_event, 512> events;
  const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    static_cast<Handler*>(event.data.ptr)->on_ready(event.events);
  }
}

}  // namespace danwa::app::bench
