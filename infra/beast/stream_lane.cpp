#include "infra/beast/stream_lane.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "infra/beast/stream_session.hpp"

namespace danwa::beast {
namespace {

constexpr std::size_t kLettersAtOnce = 64;      // then the requests of the same thread have their turn
constexpr std::size_t kLettersToKeep = 16'384;  // capacity that is kept for the next burst

}  // namespace

StreamLane::StreamLane(Host& host)
    : host_{host}, wheel_{Clock::now()}, inbox_{std::make_shared<StreamInbox>([this] { host_.post_hand_out(); })} {}

void StreamLane::hand_out() {
  if (letters_.empty()) inbox_->take(letters_);
  const auto begin = handed_out_;
  const auto end = std::min(letters_.size(), begin + kLettersAtOnce);
  for (; handed_out_ < end; ++handed_out_) letters_[handed_out_].to->on_mail(std::move(letters_[handed_out_].mail));
  for (auto i = begin; i < end; ++i) std::exchange(letters_[i].to, nullptr)->after_mail();
  if (handed_out_ < letters_.size()) return host_.post_hand_out();
  letters_.clear();
  handed_out_ = 0;
  if (letters_.capacity() > kLettersToKeep) letters_ = {};
}

void StreamLane::set_due(StreamSession& stream, Clock::time_point due) {
  wheel_.set(stream, due);
  if (due + TimerWheel::kStep < alarm_) set_alarm();
}

void StreamLane::on_alarm() {
  alarm_ = Clock::time_point::max();
  wheel_.advance(Clock::now());
  set_alarm();
}

void StreamLane::set_alarm() {
  const auto next = wheel_.next();
  if (!next || *next >= alarm_) return;
  alarm_ = *next;
  host_.set_alarm(alarm_);
}

void StreamLane::end() {
  inbox_->close();
  wheel_.clear([](TimerWheel::Entry& entry) {
    static_cast<StreamSession&>(entry).on_mail(StopOrder{});
    TimerWheel::remove(entry);
  });
  letters_.clear();
}

namespace {

/// A service of the io_context, so that the end of the io_context closes the remaining streams. Thread: see StreamLane.
class StreamLaneService final : public boost::asio::execution_context::service, private StreamLane::Host {
 public:
  static inline boost::asio::execution_context::id id;

  explicit StreamLaneService(boost::asio::execution_context& context)
      : service{context}, io_{static_cast<boost::asio::io_context&>(context)}, timer_{io_}, lane_{*this} {}

  StreamLane& lane() { return lane_; }

 private:
  void shutdown() override {
    lane_.end();
    timer_.reset();
  }

  void post_hand_out() override {
    boost::asio::post(io_, [this] { lane_.hand_out(); });
  }

  void set_alarm(StreamLane::Clock::time_point when) override {
    timer_->expires_at(when);
    timer_->async_wait([this](const boost::system::error_code& error) {
      if (!error) lane_.on_alarm();
    });
  }

  boost::asio::io_context& io_;
  std::optional<boost::asio::steady_timer> timer_;
  StreamLane lane_;
};

}  // namespace

StreamLane& lane_of(boost::asio::ip::tcp::socket& socket) {
  auto& context = boost::asio::query(socket.get_executor(), boost::asio::execution::context);
  return boost::asio::use_service<StreamLaneService>(context).lane();
}

}  // namespace danwa::beast
