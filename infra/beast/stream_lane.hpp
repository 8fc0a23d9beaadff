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

/// State that the live streams of one io thread share, so that an idle stream costs little memory: deadlines, read
/// buffer, the list of a gathered write, the inbox. Runs on: that thread; `inbox()` may be used from any thread.
class StreamLane {
 public:
  using Clock = TimerWheel::Clock;

  /// The event loop of the io thread.
  class Host {
   public:
    virtual ~Host() = default;
    virtual void post_hand_out() = 0;                    ///< calls `hand_out` soon; thread safe
    virtual void set_alarm(Clock::time_point when) = 0;  ///< calls `on_alarm` at that time; replaces an earlier time
  };

  explicit StreamLane(Host& host);

  const std::shared_ptr<StreamInbox>& inbox() const { return inbox_; }
  Gather& gather() { return gather_; }
  std::span<char> read_space() { return read_space_; }

  /// Sets or moves the deadline of the stream; see TimerWheel.
  void set_due(StreamSession& stream, Clock::time_point due);

  void hand_out();
  void on_alarm();

  /// Called when the io thread ends: closes every remaining stream.
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
  std::size_t handed_out_ = 0;                // number of them that are handled
};

}  // namespace danwa::infra
