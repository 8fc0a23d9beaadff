#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include "usecase/turn_queue.hpp"

namespace danwa::usecase {

class ReadTurns;

/// One request, as the reads that it causes know it: whether its client is still there, and how many bytes of its
/// answer are in memory. Made by the transport, which keeps it until the answer was written or its connection is gone.
/// Runs on: the executor of the request; destroyed on any thread.
class Visit {
 public:
  Visit() = default;
  virtual ~Visit();  // gives back what it holds
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  bool left() const { return left_; }

  /// Calls `callback` once when the client leaves, at once when it has left. One callback at a time: a new one
  /// replaces the old, an empty one withdraws it.
  void when_left(std::function<void()> callback) {
    on_left_ = std::move(callback);
    if (left_) fire();
  }

  /// By the transport: the client sends nothing more, or its connection is gone.
  void leave() {
    left_ = true;
    fire();
  }

  /// By the transport: so many bytes of the answer are in memory now, until the next call or the end. Counts only for
  /// a request that has read.
  void hold(std::size_t bytes);

 private:
  friend class ReadTurns;
  void fire() {
    if (auto callback = std::exchange(on_left_, nullptr)) callback();
  }

  ReadTurns* turns_ = nullptr;  // whose budget holds `held_`; set by the first read
  Caller caller_;
  std::size_t held_ = 0;
  bool left_ = false;
  std::function<void()> on_left_;
};

}  // namespace danwa::usecase
