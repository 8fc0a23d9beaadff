#include "infra/postgres/primary_connection.hpp"

namespace danwa::postgres {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRefusal{100};  // after a failed connect, calls fail at once

}  // namespace

usecase::Async<Connection*> PrimaryConnection::connected() {
  if (is_open()) co_return connection_.get();
  if (refusal_ && steady_clock::now() < refused_until_) throw Failure{*refusal_};
  refusal_.reset();
  // Begins with the host that answered last, so that a dead host does not cost its timeout at every connect.
  const std::size_t first = last_;
  for (std::size_t n = 0; n < needs_.targets.size(); ++n) {
    if (stopped_) throw Failure::of_connection("the node is shutting down");
    const std::size_t target = (first + n) % needs_.targets.size();
    auto failure = co_await connect(target);
    if (!failure) {
      last_ = target;
      refusal_.reset();
      co_return connection_.get();
    }
    if (!refusal_) refusal_ = std::move(failure);
  }
  refused_until_ = steady_clock::now() + kRefusal;
  throw Failure{*refusal_};
}

usecase::Async<std::optional<Failure>> PrimaryConnection::connect(std::size_t target) {
  std::optional<Failure> failure;
  connecting_ = true;
  connection_ = std::make_unique<Connection>(io_);
  try {
    co_await connection_->open(needs_.targets[target], needs_.connect_timeout);
    co_await begin_session(needs_.targets[target]);
  } catch (const std::exception& refused) {  // also Failure
    failure = Failure::of_connection(needs_.targets[target].name + ": " + refused.what());
    connection_.reset();
  }
  connecting_ = false;
  co_return failure;
}

usecase::Async<void> PrimaryConnection::begin_session(const Target& target) {
  const auto setup = co_await connection_->run(session_setup(target, needs_.limits), needs_.connect_timeout);
  const auto proof = co_await connection_->run(session_proof(), needs_.connect_timeout);
  require_own_session(target, setup, proof);
}

void PrimaryConnection::stop() {
  stopped_ = true;
  if (connecting_) abort("the node is shutting down");
}

}  // namespace danwa::postgres
