#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include "usecase/turn_queue.hpp"

namespace danwa::usecase {

class ReadTurns;

/// One request, from the view of the reads that it causes: whether its client is still there, and how many bytes of its
/// answer are in memory. Created by the transport, which keeps it until the answer was written or the connection is
/// gone. Runs on: the executor of the request; destroyed on any thread.
class Visit {
 public:
  Visit() = default;
  virtual ~Visit();  // releases the counted bytes
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  bool left() const { return left_; }

  /// Calls `callback` once when the client leaves, or at once if it has left. One callback at a time: a new one
  /// replaces the old one, an empty one removes it.
  void when_left(std::function<void()> callback) {
    on_left_ = std::move(callback);
    if (left_) fire();
  }

  /// Called by the transport: the client sends nothing more, or its connection is gone.
  void leave() {
    left_ = true;
    fire();
  }

  /// Called by the transport: `bytes` of the answer are in memory, until the next call or the end. Counts only for a
  /// request that has read.
  void hold(std::size_t bytes);

 private:
  friend class ReadTurns;
  void fire() {
    if (auto callback = std::exchange(on_left_, nullptr)) callback();
  }

  ReadTurns* turns_ = nullptr;  // whose budget counts `held_`; set by the first read
  Caller caller_;
  std::size_t held_ = 0;
  bool left_ = false;
  std::function<void()> on_left_;
};

}  // namespace danwa::usecase
