#pragma once

#include <array>
#include <atomic>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/beast/live_registry.hpp"
#include "infra/beast/stream_socket.hpp"
#include "infra/beast/timer_wheel.hpp"
#include "infra/net/io_threads.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::beast {

class StreamSession;

/// What the live streams of one io thread share, so that an idle stream costs little memory: deadlines, read buffer,
/// the list of a gathered write, the streams to write at the end of the turn. Created on first use, destroyed with the
/// event loop. Runs on: that thread.
class ThreadStreams final : public boost::asio::execution_context::service {
 public:
  using Clock = TimerWheel::Clock;
  static inline boost::asio::execution_context::id id;

  explicit ThreadStreams(boost::asio::execution_context& context);

  /// Those of the io thread that the caller runs on.
  static ThreadStreams& here();

  net::IoThread& thread() { return thread_; }
  Gather& gather() { return gather_; }
  std::span<char> read_space() { return read_space_; }

  /// Sets or moves the deadline of the stream; see TimerWheel.
  void set_due(StreamSession& stream, Clock::time_point due);

  /// Calls `write_turn` of the stream at the end of the turn. So all that the stream gets in one turn leaves in one
  /// write.
  void write_at_turn_end(std::shared_ptr<StreamSession> stream);

 private:
  void shutdown() override;  // the thread has ended: closes every remaining stream
  void write();
  void set_alarm();
  void on_alarm();

  net::IoThread& thread_;
  std::optional<boost::asio::steady_timer> timer_;
  TimerWheel wheel_;
  Clock::time_point alarm_ = Clock::time_point::max();  // max: none is set
  Gather gather_;
  std::array<char, 16 * 1024> read_space_{};
  std::vector<std::shared_ptr<StreamSession>> to_write_;
  std::vector<std::shared_ptr<StreamSession>> writing_;  // taken from it; kept for its capacity
};

/// State that all live streams of a server share; outlives all of them.
struct StreamContext {
  delivery::UpdateFeed& feed;
  adapters::Logger& log;
  adapters::Metrics& metrics;
  const usecase::Clock& clock;
  LiveRegistry& streams;  ///< a stream registers inside `start_...`, before that returns
  StreamLimits limits;
  std::atomic<std::size_t> running{0};  ///< tasks of streams that have not ended yet
};

}  // namespace danwa::beast
