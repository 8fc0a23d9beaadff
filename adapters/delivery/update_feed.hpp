#pragma once

#include <memory>

#include "adapters/delivery/frame.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters {

/// Why the feed ends a watch on its own.
enum class WatchEnd {
  going_away,   ///< the node stops
  unavailable,  ///< the log could not be read for too long; try again
  forbidden,    ///< the right to watch has ended
};

/// A door's end of a watch: a WebSocket, an SSE stream, a gRPC stream, a long poll.
/// Both calls come from any thread, never concurrently for one watcher, and must only hand over to
/// the door's own executor.
class Watcher {
 public:
  virtual ~Watcher() = default;

  /// At most 16 frames to write, in this order, after all earlier ones. Comes only after `ready`, once
  /// per `ready`; the first batch starts with `watching`.
  virtual void deliver(FrameBatch frames) = 0;

  /// No batch comes any more.
  virtual void end(WatchEnd reason) = 0;
};

/// A door's hold on its running watch. Destroying it unregisters the watcher; no call to the watcher
/// starts after the feed has noticed, and none outlives the weak pointer it was given.
class Subscription {
 public:
  virtual ~Subscription() = default;

  /// The door can write again: says so once at the start and once after each batch was written.
  /// Thread safe, enqueues only.
  virtual void ready() = 0;
};

/// Starts watches. Thread safe.
class UpdateFeed {
 public:
  virtual ~UpdateFeed() = default;
  virtual std::unique_ptr<Subscription> watch(usecase::Watch watch, std::weak_ptr<Watcher> watcher) = 0;
};

}  // namespace danwa::adapters
