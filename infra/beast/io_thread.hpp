#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/beast/live_registry.hpp"
#include "infra/beast/stream_socket.hpp"
#include "infra/beast/timer_wheel.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::beast {

class StreamSession;

struct DrainOrder {
  std::chrono::milliseconds delay;
  std::chrono::milliseconds retry_after;
};
struct StopOrder {};
struct LeaseNotice {
  std::optional<usecase::LeaseEnd> end{};  ///< empty: it ends soon
};
using Call = std::function<void()>;

/// A command from another thread to a stream.
using Command =
    std::variant<delivery::FrameBatch, delivery::WatchCloseReason, DrainOrder, StopOrder, LeaseNotice, Call>;

/// Passes commands to the streams of one io thread. However many commands arrive before the thread drains the inbox,
/// the thread is woken once. The feed bounds it: a stream has at most one batch per watch here, and one command of each
/// other kind. Thread safe.
class StreamInbox {
 public:
  struct AddressedCommand {
    std::shared_ptr<StreamSession> to;
    Command command;
  };

  /// `wake` makes the io thread call `take`. It is called under the lock, so it must only post.
  explicit StreamInbox(std::function<void()> wake) : wake_{std::move(wake)} {}

  void push(std::shared_ptr<StreamSession> to, Command command) {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    commands_.push_back({std::move(to), std::move(command)});
    if (commands_.size() == 1) wake_();
  }

  /// Moves all waiting commands, in the order of arrival, into `out` (empty).
  void take(std::vector<AddressedCommand>& out) {
    const std::lock_guard lock{mutex_};
    commands_.swap(out);
  }

  /// Called when the io thread ends: drops waiting commands and later ones.
  void close() {
    std::vector<AddressedCommand> dropped;
    const std::lock_guard lock{mutex_};
    closed_ = true;
    commands_.swap(dropped);
  }

 private:
  std::function<void()> wake_;
  std::mutex mutex_;  // the feed delivers from its own threads; held for a push or a swap
  std::vector<AddressedCommand> commands_;
  bool closed_ = false;
};

/// State that the live streams of one io thread share, so that an idle stream costs little memory: deadlines, read
/// buffer, the list of a gathered write, the inbox. Runs on: that thread; `inbox()` may be used from any thread.
class IoThread {
 public:
  using Clock = TimerWheel::Clock;

  /// The event loop of the io thread.
  class Host {
   public:
    virtual ~Host() = default;
    virtual void post_drain() = 0;                       ///< calls `drain` soon; thread safe
    virtual void set_alarm(Clock::time_point when) = 0;  ///< calls `on_alarm` at that time; replaces an earlier time
  };

  explicit IoThread(Host& host);

  const std::shared_ptr<StreamInbox>& inbox() const { return inbox_; }
  Gather& gather() { return gather_; }
  std::span<char> read_space() { return read_space_; }

  /// Sets or moves the deadline of the stream; see TimerWheel.
  void set_due(StreamSession& stream, Clock::time_point due);

  void drain();
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
  std::vector<StreamInbox::AddressedCommand> commands_;  // taken from the inbox
  std::size_t handed_out_ = 0;                           // number of them that are handled
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

/// The shared state of the streams on the socket's io_context: created on first use, destroyed with the io_context. The
/// io_context must have one thread.
IoThread& io_thread_of(boost::asio::ip::tcp::socket& socket);

}  // namespace danwa::beast
