#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "infra/beast/gather.hpp"
#include "infra/beast/stream_inbox.hpp"
#include "infra/beast/timer_wheel.hpp"

namespace danwa::infra {

/// What the live streams of one io thread share, so that an idle one costs next to nothing: deadlines, the
/// read buffer, the list of a gathered write, the inbox. Runs on: that thread; `inbox()` is for all.
class StreamLane {
 public:
  using Clock = TimerWheel::Clock;

  /// The io thread underneath.
  class Host {
   public:
    virtual ~Host() = default;
    virtual void post_hand_out() = 0;                    ///< calls `hand_out` soon; thread safe
    virtual void set_alarm(Clock::time_point when) = 0;  ///< calls `on_alarm` then; replaces the last one
  };

  explicit StreamLane(Host& host);

  const std::shared_ptr<StreamInbox>& inbox() const { return inbox_; }
  Gather& gather() { return gather_; }
  std::span<char> read_space() { return read_space_; }

  /// Sets or moves when the stream wants to be woken; see TimerWheel.
  void set_due(StreamSession& stream, Clock::time_point due);

  void hand_out();
  void on_alarm();

  /// The io thread ends: closes every stream that is left.
  void end();

 private:
  void set_alarm();

  Host& host_;
  TimerWheel wheel_;
  Clock::time_point alarm_ = Clock::time_point::max();  // max: none is set
  Gather gather_;
  std::array<char, 16 * 1024> read_space_{};
  std::shared_ptr<StreamInbox> inbox_;
  std::vector<StreamInbox::Letter> letters_;  // taken from the inbox
  std::size_t handed_out_ = 0;                // of them
};

}  // namespace danwa::infra
