#include "usecase/ports/async.hpp"

#include <boost/asio/steady_timer.hpp>

namespace danwa::usecase {
namespace {

class TimerDeadline final : public Deadline {
 public:
  TimerDeadline(const boost::asio::any_io_executor& executor, std::chrono::milliseconds delay,
                std::function<void()> on_expiry)
      : timer_{executor, delay} {
    timer_.async_wait([on_expiry = std::move(on_expiry)](const boost::system::error_code& error) {
      if (!error) on_expiry();
    });
  }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace

Async<void> pause(std::chrono::milliseconds time) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer{executor, time};
  co_await timer.async_wait(boost::asio::use_awaitable);
}

Async<std::unique_ptr<Deadline>> start_deadline(std::chrono::milliseconds delay, std::function<void()> on_expiry) {
  const auto executor = co_await boost::asio::this_coro::executor;
  co_return std::make_unique<TimerDeadline>(executor, delay, std::move(on_expiry));
}

}  // namespace danwa::usecase
