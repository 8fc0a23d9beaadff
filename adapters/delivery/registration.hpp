#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "adapters/delivery/page.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters {

struct RouterChannel;

/// One watcher of one channel, as the router knows it; a watch of several channels has one for each. Who carries out
/// the router's effects derives from it to say where the watcher's messages go; the private part is the router table's.
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

  usecase::WatchedChannel watch_;
  Slot slot_;
  RouterChannel* channel_ = nullptr;  // while registered
  std::size_t index_ = 0;             // in the channel's watchers
  bool started_ = false;              // it was told a position once
  bool needs_master_ = false;         // the master's head decides on its start
};
using RegistrationPtr = std::shared_ptr<Registration>;

}  // namespace danwa::adapters
