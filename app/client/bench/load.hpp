#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "app/client/bench/poster.hpp"
#include "app/client/bench/run_state.hpp"
#include "app/client/bench/watcher.hpp"

namespace danwa::app::bench {

/// The phases of a run: connects watchers, posts, waits until every watcher has received everything. Runs on: the load
/// tool's thread.
class Load final : public PosterOwner {
 public:
  explicit Load(RunState& state) : state_{state} {}

  /// Connects `count` watchers, at most 128 at a time. False: not all of them watch within 60 s.
  bool connect_watchers(std::size_t count, bool from_start);

  /// Posts until the number or the time is over, then waits for the answers. Returns the seconds that it took.
  double post_all();

  /// Waits until every watcher has seen all acknowledged posts. Counts the missing ones at the limit as lost.
  void settle();

  /// Keeps the watchers connected for this long.
  void idle(double seconds);
  void stop();

 private:
  void on_idle(Poster& poster) override;
  bool more() const;
  void dispatch();
  void patrol();
  bool any_busy() const;

  RunState& state_;
  std::vector<std::unique_ptr<WatcherConnection>> watchers_;
  std::vector<std::unique_ptr<Poster>> posters_;
  std::deque<Poster*> free_;
  std::int64_t started_us_ = 0;
  std::int64_t next_patrol_us_ = 0;
  std::uint64_t issued_ = 0;
  bool posting_ = false;
};

}  // namespace danwa::app::bench
