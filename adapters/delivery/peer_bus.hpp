#pragma once

#include <string>
#include <vector>

#include "adapters/delivery/frame.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/update/update.hpp"

namespace danwa::adapters {

/// An update, and the epoch of the log that it is of.
struct LoggedUpdate {
  domain::Update update;
  domain::Epoch epoch;
  friend bool operator==(const LoggedUpdate&, const LoggedUpdate&) = default;
};

/// What other nodes say of who watches there; see adapters/presence. Called from the bus's threads;
/// implementations only enqueue.
class PresenceListener {
 public:
  virtual ~PresenceListener() = default;
  virtual void on_presence(std::string message) = 0;
};

/// All that comes from the other nodes. Called from the bus's threads; implementations only enqueue.
class BusListener : public PresenceListener {
 public:
  /// They came together. Each may be late, early, repeated or followed by an older one.
  virtual void on_updates(std::vector<LoggedUpdate> updates) = 0;

  /// A frame of what they said of their watchers, made here.
  virtual void on_frame(FramePtr frame) = 0;

  /// Updates of this channel may have been lost on the way: only the log knows.
  virtual void look_at_log(const domain::ChannelKey& channel) = 0;

  /// The same for every channel: after each (re)connect, and when too many channels lost something.
  virtual void look_at_log_everywhere() = 0;
};

/// The way to the other nodes: the fast path, best effort and bounded; whatever it loses, the log's tail
/// repairs. Thread safe; every call enqueues only.
class PeerBus {
 public:
  virtual ~PeerBus() = default;

  /// To every node that wants the channel of `frame`, which holds an update.
  virtual void broadcast(FramePtr frame) = 0;

  /// To every node: at most 64 KiB, opaque here. May be lost.
  virtual void broadcast_presence(std::string message) = 0;

  /// This node has its first watcher of the channel now.
  virtual void watched(const domain::ChannelKey& /*channel*/) {}

  /// This node's last watcher of the channel has gone.
  virtual void unwatched(const domain::ChannelKey& /*channel*/) {}
};

}  // namespace danwa::adapters
