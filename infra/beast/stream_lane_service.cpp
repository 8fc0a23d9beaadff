#include "infra/beast/stream_lane_service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

namespace danwa::infra {
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

}  // namespace danwa::infra
