#pragma once

#include <span>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"

namespace danwa::usecase {

/// Receives the observations of the node's log tail. Called from the tail's own thread; implementations only enqueue.
class TailListener {
 public:
  virtual ~TailListener() = default;

  struct Growth {
    domain::ChannelKey channel;
    domain::Seq head;
  };
  /// These channels have grown to at least these heads.
  virtual void on_growth(std::span<const Growth> channels) = 0;

  /// Another log has taken over: every watcher must start afresh.
  virtual void on_epoch(const domain::Epoch& epoch) = 0;
};

}  // namespace danwa::usecase
