#include "adapters/controllers/news_wait.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <utility>

namespace danwa::adapters {
namespace {

bool is_news(const FramePtr& frame) {
  return frame->kind() != FrameKind::watching && frame->kind() != FrameKind::ephemeral;
}

/// A watcher that only notices that an update arrived, and drops its content.
class NewsWatcher final : public Watcher, public usecase::LeaseOwner {
 public:
  using Resume = std::function<void(WaitEnd)>;

  void hold(std::unique_ptr<Subscription> subscription) {
    const std::lock_guard lock{mutex_};
    subscription_ = std::move(subscription);
  }

  /// Passes the first end on, once, from now on.
  void begin(Resume resume) {
    std::unique_lock lock{mutex_};
    if (end_) {
      const WaitEnd end = *end_;
      lock.unlock();
      return resume(end);
    }
    resume_ = std::move(resume);
    subscription_->ready();
  }

  void finish(WaitEnd end) {
    std::unique_lock lock{mutex_};
    if (end_) return;
    end_ = end;
    const auto resume = std::exchange(resume_, nullptr);
    lock.unlock();
    if (resume) resume(end);
  }

  void close() {
    std::unique_lock lock{mutex_};
    const auto subscription = std::move(subscription_);
    lock.unlock();
  }

  void deliver(FrameBatch frames) override {
    if (std::any_of(frames.begin(), frames.end(), is_news)) return finish(WaitEnd::news);
    const std::lock_guard lock{mutex_};
    if (subscription_ && !end_) subscription_->ready();
  }

  void end(WatchEnd reason) override {
    finish(reason == WatchEnd::forbidden ? WaitEnd::forbidden : WaitEnd::feed_ended);
  }

  void on_lease_ending() override {}
  void on_lease_end(usecase::LeaseEnd) override { finish(WaitEnd::credential_ended); }

 private:
  std::mutex mutex_;  // used by the feed's threads and the connection's; held only for calls that enqueue
  std::unique_ptr<Subscription> subscription_;
  std::optional<WaitEnd> end_;
  Resume resume_;
};

}  // namespace

usecase::Async<WaitEnd> wait_for_news(UpdateFeed& feed, usecase::Watch watch, std::chrono::milliseconds time,
                                      usecase::LeasePtr lease, std::shared_ptr<http::Hurry> hurry) {
  const auto watcher = std::make_shared<NewsWatcher>();
  watcher->hold(feed.watch(std::move(watch), watcher));
  std::function<void()> on_expiry = [watcher] { watcher->finish(WaitEnd::time_over); };
  auto deadline = co_await usecase::start_deadline(time, std::move(on_expiry));
  if (lease) lease->hold(watcher, std::chrono::milliseconds{0});
  if (hurry) hurry->when_urged([watcher] { watcher->finish(WaitEnd::hurried); });
  auto start = [watcher](auto resume) {
    watcher->begin([resume = std::move(resume)](WaitEnd end) mutable { resume(end); });
  };
  const WaitEnd end = co_await usecase::suspend_until<WaitEnd>(std::move(start));
  if (hurry) hurry->when_urged(nullptr);
  if (lease) lease->release();
  watcher->close();
  co_return end;
}

}  // namespace danwa::adapters
