#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "usecase/ports/async.hpp"

namespace danwa::usecase {

/// Runs a use case to its end on the calling thread and gives its value; rethrows what it threw.
template <class T>
T run(Async<T> task) {
  boost::asio::io_context io;
  std::optional<T> value;
  auto body = [&]() -> Async<void> { value.emplace(co_await std::move(task)); };
  boost::asio::co_spawn(io, std::move(body), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
  return std::move(*value);
}

}  // namespace danwa::usecase
