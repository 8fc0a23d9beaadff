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

/// Every open stream, so that the end of the node reaches all of them; refuses those above its bound. Thread safe.
class StreamRegistry {
 public:
  using Place = std::list<std::weak_ptr<ChatStream>>::iterator;

  explicit StreamRegistry(std::size_t most) : most_{most} {}

  /// Gives `stream` a place until it leaves; the failure says why it has none.
  tl::expected<Place, adapters::rpc::CallEnd> enter(std::weak_ptr<ChatStream> stream);
  void leave(Place place);

  /// Ends all streams, spread evenly over `window`; newcomers are refused from now on.
  void drain(std::chrono::milliseconds window);

  /// Waits until nobody is left; false when that has not come by `deadline`.
  bool wait_empty(std::chrono::steady_clock::time_point deadline);

 private:
  const std::size_t most_;
  std::mutex mutex_;  // streams come and go on many threads; held for a list operation
  std::condition_variable emptied_;
  std::list<std::weak_ptr<ChatStream>> streams_;
  bool draining_ = false;
};

}  // namespace danwa::infra
