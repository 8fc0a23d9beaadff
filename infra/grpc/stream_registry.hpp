#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <tl/expected.hpp>

#include "adapters/grpc/status.hpp"

namespace danwa::infra {

class ChatStream;

/// Every open stream of the node. It refuses streams above its bound and ends all of them in a drain. Thread safe.
class StreamRegistry {
 public:
  using Place = std::list<std::weak_ptr<ChatStream>>::iterator;

  explicit StreamRegistry(std::size_t most) : most_{most} {}

  /// Registers `stream` until `leave`. The error holds the reason if the node drains or is full.
  tl::expected<Place, adapters::rpc::CallEnd> enter(std::weak_ptr<ChatStream> stream);
  void leave(Place place);

  /// Ends all streams, spread evenly over `window`. New ones are refused from here on.
  void drain(std::chrono::milliseconds window);

  /// Waits until no stream is left. False: `deadline` came first.
  bool wait_empty(std::chrono::steady_clock::time_point deadline);

 private:
  const std::size_t most_;
  std::mutex mutex_;  // streams come and go on many threads; held for a list operation
  std::condition_variable emptied_;
  std::list<std::weak_ptr<ChatStream>> streams_;
  bool draining_ = false;
};

}  // namespace danwa::infra
