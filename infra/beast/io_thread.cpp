#include "infra/beast/io_thread.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "infra/beast/stream_session.hpp"

// An io thread serves thousands of streams, so whatever can be shared is here and not in the stream: the inbox, the
// timer wheel, the read buffer, the list of a gathered write. The inbox wakes the thread once for all commands that
// wait. `drain` runs at most 64 of them, then posts itself again, so that the requests of the same thread have their
// turn. The streams ask for their next batches only after all of these commands, so every waiting batch goes out before
// the first request for a new one.

namespace danwa::beast {
namespace {

constexpr std::size_t kCommandsAtOnce = 64;      // then requests on the same thread have their turn
constexpr std::size_t kCommandsToKeep = 16'384;  // capacity that is kept for the next burst

}  // namespace

IoThread::IoThread(Host& host)
    : host_{host}, wheel_{Clock::now()}, inbox_{std::make_shared<StreamInbox>([this] { host_.post_drain(); })} {}

void IoThread::drain() {
  if (commands_.empty()) inbox_->take(commands_);
  const auto begin = handed_out_;
  const auto end = std::min(commands_.size(), begin + kCommandsAtOnce);
  for (; handed_out_ < end; ++handed_out_)
    commands_[handed_out_].to->on_command(std::move(commands_[handed_out_].command));
  for (auto i = begin; i < end; ++i) std::exchange(commands_[i].to, nullptr)->after_commands();
  if (handed_out_ < commands_.size()) return host_.post_drain();
  commands_.clear();
  handed_out_ = 0;
  if (commands_.capacity() > kCommandsToKeep) commands_ = {};
}

void IoThread::set_due(StreamSession& stream, Clock::time_point due) {
  wheel_.set(stream, due);
  if (due + TimerWheel::kStep < alarm_) set_alarm();
}

void IoThread::on_alarm() {
  alarm_ = Clock::time_point::max();
  wheel_.advance(Clock::now());
  set_alarm();
}

void IoThread::set_alarm() {
  const auto next = wheel_.next();
  if (!next || *next >= alarm_) return;
  alarm_ = *next;
  host_.set_alarm(alarm_);
}

void IoThread::end() {
  inbox_->close();
  wheel_.clear([](TimerWheel::Entry& entry) {
    static_cast<StreamSession&>(entry).on_command(StopOrder{});
    TimerWheel::remove(entry);
  });
  commands_.clear();
}

namespace {

/// A service of the io_context, so that the end of the io_context closes the remaining streams. Thread: see IoThread.
class IoThreadService final : public boost::asio::execution_context::service, private IoThread::Host {
 public:
  static inline boost::asio::execution_context::id id;

  explicit IoThreadService(boost::asio::execution_context& context)
      : service{context}, io_{static_cast<boost::asio::io_context&>(context)}, timer_{io_}, io_thread_{*this} {}

  IoThread& io_thread() { return io_thread_; }

 private:
  void shutdown() override {
    io_thread_.end();
    timer_.reset();
  }

  void post_drain() override {
    boost::asio::post(io_, [this] { io_thread_.drain(); });
  }

  void set_alarm(IoThread::Clock::time_point when) override {
    timer_->expires_at(when);
    timer_->async_wait([this](const boost::system::error_code& error) {
      if (!error) io_thread_.on_alarm();
    });
  }

  boost::asio::io_context& io_;
  std::optional<boost::asio::steady_timer> timer_;
  IoThread io_thread_;
};

}  // namespace

IoThread& io_thread_of(boost::asio::ip::tcp::socket& socket) {
  auto& context = boost::asio::query(socket.get_executor(), boost::asio::execution::context);
  return boost::asio::use_service<IoThreadService>(context).io_thread();
}

}  // namespace danwa::beast
