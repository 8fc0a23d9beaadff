#pragma once

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <thread>

#include "usecase/ports/async.hpp"

namespace danwa::tests {

/// A thread that runs coroutines, as a connection's would.
class CoroutineThread {
 public:
  CoroutineThread() : thread_{[this] { context_.run(); }} {}
  ~CoroutineThread() {
    guard_.reset();
    thread_.join();
  }
  CoroutineThread(const CoroutineThread&) = delete;
  CoroutineThread& operator=(const CoroutineThread&) = delete;

  /// The result that will come; several may be under way at once.
  template <class T>
  std::future<T> start(usecase::Async<T> work) {
    auto promise = std::make_shared<std::promise<T>>();
    auto result = promise->get_future();
    boost::asio::co_spawn(context_, keep<T>(std::move(work), promise), boost::asio::detached);
    return result;
  }

  template <class T>
  T run(usecase::Async<T> work) {
    return start(std::move(work)).get();
  }

  boost::asio::io_context& context() { return context_; }

 private:
  template <class T>
  static usecase::Async<void> keep(usecase::Async<T> work, std::shared_ptr<std::promise<T>> promise) {
    promise->set_value(co_await std::move(work));
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace danwa::tests
