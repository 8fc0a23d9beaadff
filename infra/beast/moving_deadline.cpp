#include "infra/beast/moving_deadline.hpp"

#include <utility>

namespace danwa::infra {

void MovingDeadline::begin(std::weak_ptr<void> owner, std::function<void()> expire) {
  owner_ = std::move(owner);
  expire_ = std::move(expire);
}

void MovingDeadline::expire_after(std::chrono::milliseconds time) {
  deadline_ = Clock::now() + time;
  if (deadline_ < goes_off_) run();
}

void MovingDeadline::end() {
  rest();
  owner_.reset();
  timer_.cancel();
}

void MovingDeadline::run() {
  goes_off_ = deadline_;
  timer_.expires_at(goes_off_);
  timer_.async_wait([this, owner = owner_](const boost::system::error_code& error) {
    if (error) return;
    if (const auto alive = owner.lock()) on_timer();
  });
}

void MovingDeadline::on_timer() {
  goes_off_ = Clock::time_point::max();
  if (deadline_ == Clock::time_point::max()) return;
  if (Clock::now() < deadline_) return run();
  rest();
  expire_();
}

}  // namespace danwa::infra
