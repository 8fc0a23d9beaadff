#include "app/bench/load.hpp"

#include <algorithm>

namespace danwa::bench {

// One thread and one epoll loop drive all posters and watchers, so the tool itself disturbs the measurement little.
//
// Closed loop (`rate` 0): each poster sends its next comment as soon as the last one is answered, which measures the
// capacity. Open loop: comment n is due at start + n / rate, whether a poster is free or not, and its latency counts
// from that time. So a slow server cannot hide its delay by slowing the load down (coordinated omission).
//
// With `in_flight` a comment that could be sent waits until fewer are under way, in both loops. Watchers make room as
// well as answers, so `dispatch` looks after every turn of the event loop.

namespace {

constexpr std::size_t kConnecting = 128;
constexpr std::size_t kComing = 32;                 // connections of `connect_and_leave`
constexpr std::int64_t kConnectLimit = 60'000'000;  // us
constexpr double kAway = 1;                         // s between the end of all watchers and their return
constexpr std::int64_t kPatrol = 200'000;           // us
constexpr std::int64_t kAnswerLimit = 30'000'000;   // us, wait for the last answers

std::int64_t to_us(double seconds) { return static_cast<std::int64_t>(seconds * 1e6); }

}  // namespace

bool Load::connect_watchers(std::size_t count, bool from_start) {
  const auto deadline = now_us() + kConnectLimit;
  const auto watching = [](const auto& watcher) { return watcher->watching() || watcher->failed(); };
  std::size_t ready = 0;
  while (ready < count && now_us() < deadline) {
    while (ready < watchers_.size() && watching(watchers_[ready])) ++ready;
    while (watchers_.size() < count && watchers_.size() - ready < kConnecting) {
      watchers_.push_back(std::make_unique<WatcherConnection>(state_, watchers_.size(), from_start));
      watchers_.back()->start();
    }
    if (ready < count) state_.loop.turn(20'000);
  }
  const auto all = std::all_of(watchers_.begin(), watchers_.end(), [](const auto& w) { return w->watching(); });
  if (!all) state_.failed("not every watcher could connect");
  return all;
}

void Load::reconnect_watchers(std::size_t at_once) {
  for (const auto& watcher : watchers_) watcher->drop();
  idle(kAway);
  const auto deadline = now_us() + kConnectLimit;
  std::size_t begun = 0;
  std::vector<WatcherConnection*> coming;
  while ((begun < watchers_.size() || !coming.empty()) && now_us() < deadline) {
    std::erase_if(coming, [](const auto* watcher) { return watcher->resumed() || watcher->failed(); });
    for (; begun < watchers_.size() && coming.size() < at_once; ++begun) {
      coming.push_back(watchers_[begun].get());
      coming.back()->resume();
    }
    state_.loop.turn(20'000);
  }
  const auto back = [](const auto& watcher) { return watcher->resumed() && !watcher->failed(); };
  const bool all = begun == watchers_.size() && std::all_of(watchers_.begin(), watchers_.end(), back);
  if (!all) state_.failed("not every watcher could come back");
}

bool Load::more() const {
  if (state_.options.posts > 0) return issued_ < state_.options.posts;
  return now_us() - started_us_ < to_us(state_.options.seconds);
}

void Load::on_idle(Poster& poster) {
  if (posting_ && state_.options.rate == 0 && !state_.in_flight.full() && more()) {
    poster.post(issued_++, now_us());
  } else {
    free_.push_back(&poster);
  }
}

void Load::dispatch() {
  const double rate = state_.options.rate;
  while (!free_.empty() && !state_.in_flight.full() && more()) {
    const auto now = now_us();
    const auto due = rate == 0 ? now : started_us_ + to_us(static_cast<double>(issued_) / rate);
    if (due > now) break;
    auto* poster = free_.front();
    free_.pop_front();
    poster->post(issued_++, due);
  }
}

void Load::patrol() {
  const auto now = now_us();
  if (now < next_patrol_us_) return;
  next_patrol_us_ = now + kPatrol;
  state_.in_flight.expire(now);
  for (const auto& poster : posters_) poster->check_patience(now);
  for (const auto& watcher : watchers_) watcher->check_silence(now);
}

bool Load::any_busy() const {
  return std::any_of(posters_.begin(), posters_.end(), [](const auto& poster) { return poster->busy(); });
}

double Load::post_all() {
  for (std::size_t i = 0; i < state_.options.posters; ++i) {
    posters_.push_back(std::make_unique<Poster>(state_, *this, i));
    free_.push_back(posters_.back().get());
  }
  const std::size_t stalled = std::min(state_.options.stall, watchers_.size());
  const auto nth = [&](std::size_t i) { return watchers_[i * watchers_.size() / stalled].get(); };
  for (std::size_t i = 0; i < stalled; ++i) nth(i)->stall();
  started_us_ = now_us();
  post_until_over();
  const double seconds = static_cast<double>(now_us() - started_us_) / 1e6;
  for (const auto& poster : posters_) poster->give_up();
  for (std::size_t i = 0; i < stalled; ++i) nth(i)->read_on();
  return seconds;
}

void Load::post_until_over() {
  posting_ = true;
  const std::int64_t wait = state_.options.rate > 0 ? 1'000 : 100'000;
  while (more()) {
    dispatch();
    state_.loop.turn(wait);
    patrol();
  }
  posting_ = false;
  const auto deadline = now_us() + kAnswerLimit;
  while (any_busy() && now_us() < deadline) {
    state_.loop.turn(20'000);
    patrol();
  }
}

void Load::settle() {
  const auto deadline = now_us() + to_us(state_.options.settle_seconds);
  const auto behind = [&](const auto& watcher) {
    return watcher->next_seq() <= state_.ledger.head(watcher->conversation());
  };
  while (now_us() < deadline && std::any_of(watchers_.begin(), watchers_.end(), behind)) {
    state_.loop.turn(20'000);
    patrol();
  }
  for (const auto& watcher : watchers_) {
    if (behind(watcher)) state_.ledger.lost(state_.ledger.head(watcher->conversation()) - watcher->next_seq() + 1);
  }
  // Waits 100 ms longer: an update that comes after the last one is a violation.
  const auto quiet = now_us() + 100'000;
  while (!watchers_.empty() && now_us() < quiet) state_.loop.turn(20'000);
}

std::size_t Load::connect_and_leave(std::size_t count) {
  const auto deadline = now_us() + kConnectLimit;
  std::size_t begun = 0;
  std::size_t ended = 0;
  std::size_t failed = 0;
  while (ended < count && now_us() < deadline) {
    for (auto& watcher : watchers_) {
      if (watcher->gone()) {
        ++ended;
        failed += watcher->failed() ? 1 : 0;
        watcher = nullptr;
      } else if (watcher->watching() && !watcher->leaving()) {
        watcher->leave();
      }
    }
    std::erase(watchers_, nullptr);
    while (watchers_.size() < kComing && begun < count) {
      watchers_.push_back(std::make_unique<WatcherConnection>(state_, begun++, false));
      watchers_.back()->start();
    }
    state_.loop.turn(20'000);
  }
  if (ended < count) state_.failed("not every connection was ended by the server");
  return ended - failed;
}

void Load::idle(double seconds) {
  const auto until = now_us() + to_us(seconds);
  while (now_us() < until) state_.loop.turn(100'000);
}

void Load::stop() {
  for (const auto& watcher : watchers_) watcher->stop();
}

}  // namespace danwa::bench
