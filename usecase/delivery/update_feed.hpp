#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "usecase/delivery/frame.hpp"
#include "usecase/ports/update_log.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::delivery {

struct Exploration;  ///< the test that copies and hashes the whole state of these classes

/// The place of a channel in its watch.
using Slot = std::uint16_t;

/// A subscriber asks for the updates [first, last] of its channel, at most 16 of them.
struct PageRequest {
  std::uint32_t id = 0;  ///< repeated in the answer, so that an answer to an earlier request is recognised
  domain::Seq first = 0;
  domain::Seq last = 0;
  usecase::ReadFrom from = usecase::ReadFrom::replica;
  Slot slot = 0;  ///< of the channel, for the subscriber's own use
};

enum class PageSource : std::uint8_t { cache, replica, master };

/// The answer: updates from the first one asked for on, ascending, without holes.
struct Page {
  std::uint32_t request = 0;
  domain::Seq last = 0;  ///< the source looked up to here; if the frames end earlier, it holds no more
  domain::Seq head = 0;  ///< of the channel, as the source saw it
  PageSource source = PageSource::cache;
  FrameBatch frames;
};

struct RouterChannel;

/// One watcher of one channel, as the router knows it; a watch of several channels has one for each. The code that
/// carries out the router's effects derives from it, to add the address of the watcher's messages. The private part
/// belongs to the router table.
class Registration {
 public:
  explicit Registration(usecase::WatchedChannel watch, Slot slot = 0) : watch_{std::move(watch)}, slot_{slot} {}
  virtual ~Registration() = default;
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  const usecase::WatchedChannel& watch() const { return watch_; }
  Slot slot() const { return slot_; }  ///< of the channel in the watcher's watch

 private:
  friend class RouterTable;
  friend struct Exploration;

  usecase::WatchedChannel watch_;
  Slot slot_;
  RouterChannel* channel_ = nullptr;  // while registered
  std::size_t index_ = 0;             // in the channel's watchers
  bool started_ = false;              // it had a StartWatch
  bool needs_master_ = false;         // the master's head decides on its start
};
using RegistrationPtr = std::shared_ptr<Registration>;

/// The reason for which the feed ends a watch.
enum class WatchCloseReason {
  going_away,   ///< the node stops
  unavailable,  ///< the log could not be read for too long; try again
  forbidden,    ///< access has ended
};

/// The transport's end of a watch: a WebSocket, an SSE stream, a gRPC stream, a long poll. The calls come from any
/// thread, never concurrently for one watcher, and must only hand over to the transport's own executor.
class Watcher {
 public:
  virtual ~Watcher() = default;

  /// At most 16 frames to write, in this order, after all earlier ones. Comes only after `ready`, once
  /// per `ready`; the first batch starts with `watching`.
  virtual void deliver(FrameBatch frames) = 0;

  /// No batch comes any more.
  virtual void end(WatchCloseReason reason) = 0;
};

/// The transport's handle of its running watch. Its destruction unregisters the watcher. No call to the watcher starts
/// after the feed has noticed that, and none after the weak pointer has expired.
class Subscription {
 public:
  virtual ~Subscription() = default;

  /// The transport can write. It says so once at the start, and once after each batch was written. Thread safe,
  /// enqueues only.
  virtual void ready() = 0;
};

/// Starts watches. Thread safe.
class UpdateFeed {
 public:
  virtual ~UpdateFeed() = default;
  virtual std::unique_ptr<Subscription> watch(usecase::Watch watch, std::weak_ptr<Watcher> watcher) = 0;
};

}  // namespace danwa::delivery
