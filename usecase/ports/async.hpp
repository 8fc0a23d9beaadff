#pragma once

// The only file that knows the coroutine type. Boost 1.74 needs <utility> before its coroutine headers.
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace danwa::usecase {

/// A value that is available later. Runs on: the executor that the caller was spawned on, before and after every
/// suspension.
template <class T>
using Async = boost::asio::awaitable<T>;

/// Suspends the caller until `start(resume)` has called `resume(value)`, from any thread, exactly once. The caller
/// continues on its own executor, never on the thread that called `resume`.
///
///     auto start = [&](auto resume) { queue.push(Job{..., std::move(resume)}); };
///     T value = co_await suspend_until<T>(std::move(start));
///
/// `resume` is copyable. Name `start` first and move it in: GCC 12.2 double-frees a capturing lambda that is a
/// temporary inside a `co_await` expression.
template <class T, class Start>
Async<T> suspend_until(Start start) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto initiate = [start = std::move(start), executor](auto handler) mutable {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    start([shared, executor](T value) mutable {
      boost::asio::post(
          executor, [shared = std::move(shared), value = std::move(value)]() mutable { (*shared)(std::move(value)); });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      std::move(initiate), boost::asio::use_awaitable);
}

/// Suspends the caller for `time`.
Async<void> pause(std::chrono::milliseconds time);

/// A delayed call; destroying this object cancels it. Runs on: the executor of the coroutine that started it, where it
/// is also destroyed.
class Deadline {
 public:
  virtual ~Deadline() = default;
};

/// Calls `on_expiry` once, `delay` from now, on the caller's own executor.
Async<std::unique_ptr<Deadline>> start_deadline(std::chrono::milliseconds delay, std::function<void()> on_expiry);

}  // namespace danwa::usecase
