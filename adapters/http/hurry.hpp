#pragma once

#include <functional>
#include <utility>

#include "usecase/visit.hpp"

namespace danwa::adapters::http {

/// Tells a handler that waits (a long poll) to answer with what it has: the client has left, or the node
/// wants to stop. A visit besides: that its client has left is told apart, and drops reads that wait. Runs on: the
/// connection's executor, like the handler; no locks.
class Hurry final : public usecase::Visit {
 public:
  bool urged() const { return urged_; }

  /// Calls `callback` once when it becomes urgent, at once when it already is. One callback at a time: a
  /// new one replaces the old, an empty one withdraws it.
  void when_urged(std::function<void()> callback) {
    callback_ = std::move(callback);
    if (urged_) tell();
  }

  /// Called by the session.
  void urge() {
    urged_ = true;
    tell();
  }

 private:
  void tell() {
    if (auto callback = std::exchange(callback_, nullptr)) callback();
  }

  bool urged_ = false;
  std::function<void()> callback_;
};

}  // namespace danwa::adapters::http
