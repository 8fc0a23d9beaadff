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
  for (std::size_t n = 0; n < targets_.size(); ++n) {
    if (stopped_) throw Failure::of_connection("the node is shutting down");
    const std::size_t target = (first + n) % targets_.size();
    auto failure = co_await refusal_of(targets_[target]);
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

usecase::Async<std::optional<Failure>> PrimaryConnection::refusal_of(const Target& target) {
  connecting_ = true;
  connection_ = std::make_unique<Connection>(io_);
  const auto refused = co_await failure_of(begin_session(target));
  connecting_ = false;
  if (!refused) co_return std::nullopt;
  connection_.reset();
  co_return Failure::of_connection(target.name + ": " + refused->what());
}

usecase::Async<void> PrimaryConnection::begin_session(const Target& target) {
  co_await connection_->open(target, connect_timeout_);
  const auto setup = co_await connection_->run(session_setup(target, limits_), connect_timeout_);
  const auto proof = co_await connection_->run(session_proof(), connect_timeout_);
  require_own_session(target, setup, proof);
}

void PrimaryConnection::stop() {
  stopped_ = true;
  if (connecting_) abort("the node is shutting down");
}

}  // namespace danwa::postgres
