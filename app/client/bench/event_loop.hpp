#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace danwa::app::bench {

/// Microseconds of the monotonic clock.
std::int64_t now_us();

/// Gets the events of one file descriptor.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void on_ready(std::uint32_t events) = 0;
};

/// A bare epoll loop with timers. Runs on: the one thread of the load tool.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void add(int fd, std::uint32_t events, Handler& handler);
  void change(int fd, std::uint32_t events, Handler& handler);
  void after(std::int64_t delay_us, std::function<void()> action);

  /// Runs due timers, then waits at most `wait_us` microseconds for events and runs their handlers.
  void turn(std::int64_t wait_us);

  /// A read buffer shared by all handlers, so an idle connection holds none.
  std::vector<char>& scratch() { return scratch_; }

 private:
  std::int64_t run_timers();

  int epoll_;
  std::multimap<std::int64_t, std::function<void()>> timers_;
  std::vector<char> scratch_;
};

}  // namespace danwa::app::bench
