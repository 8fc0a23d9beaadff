#include "infra/redis/redis_bus.hpp"

#include <utility>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>

#include "infra/redis/redis_session.hpp"

namespace danwa::redis {

class RedisBus::Impl {
 public:
  Impl(RedisOptions options, delivery::BusListener& listener, adapters::Logger& logger, adapters::Metrics& metrics)
      : options_{std::move(options)}, publisher_{io_, options_, own_, logger, metrics}, subscriber_{io_,    options_,
                                                                                                    own_,   listener,
                                                                                                    logger, metrics} {
    boost::asio::post(io_, [this] {
      publisher_.start();
      subscriber_.start();
    });
    thread_ = std::thread{[this]() noexcept { io_.run(); }};
  }

  ~Impl() { stop(); }

  /// Null after the bus has stopped.
  RedisPublisher* publisher() { return stopped_.load(std::memory_order_relaxed) ? nullptr : &publisher_; }

  template <class Act>
  void post(Act act) {
    if (stopped_.load(std::memory_order_relaxed)) return;
    boost::asio::post(io_, [this, act = std::move(act)] { act(subscriber_); });
  }

  void stop() {
    std::call_once(once_, [this] {
      stopped_.store(true, std::memory_order_relaxed);
      boost::asio::post(io_, [this] {
        publisher_.stop();
        subscriber_.stop();
        io_.stop();
      });
      thread_.join();
    });
  }

 private:
  RedisOptions options_;
  const SenderId own_ = draw_sender_id();
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  RedisPublisher publisher_;
  RedisSubscriber subscriber_;
  std::thread thread_;
  std::atomic<bool> stopped_{false};
  std::once_flag once_;
};

RedisBus::RedisBus(RedisOptions options, delivery::BusListener& listener, adapters::Logger& logger,
                   adapters::Metrics& metrics)
    : impl_{std::make_unique<Impl>(std::move(options), listener, logger, metrics)} {}
RedisBus::~RedisBus() = default;

void RedisBus::broadcast(delivery::FramePtr frame) {
  if (auto* const publisher = impl_->publisher()) publisher->put(std::move(frame));
}

void RedisBus::broadcast_presence(std::string message) {
  if (auto* const publisher = impl_->publisher()) publisher->put(PresenceToSend{std::move(message)});
}

void RedisBus::tell(const delivery::PeerAddress& to, std::string message) {
  if (auto* const publisher = impl_->publisher()) {
    publisher->put(PresenceToSend{std::move(message), presence_channel(to)});
  }
}

void RedisBus::watched(const domain::ChannelKey& channel) {
  impl_->post([channel](RedisSubscriber& subscriber) { subscriber.want(channel); });
}

void RedisBus::unwatched(const domain::ChannelKey& channel) {
  impl_->post([channel](RedisSubscriber& subscriber) { subscriber.forget(channel); });
}

void RedisBus::stop() { impl_->stop(); }

}  // namespace danwa::redis
