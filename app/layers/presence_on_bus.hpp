#pragma once

#include "adapters/presence/presence_feed.hpp"
#include "app/layers/messaging_layer.hpp"
#include "app/layers/presence_layer.hpp"

namespace danwa::app {

/// Connects presence to the bus while the bus lives, and holds the feed whose watches count as present.
class PresenceOnBus {
 public:
  PresenceOnBus(PresenceLayer& presence, MessagingLayer& messaging)
      : feed{messaging.node.feed(), presence.hub()}, presence_{presence}, node_{messaging.node} {
    node_.join_presence(&presence.hub());
    presence_.start(messaging.peers(), node_.bus_listener());
  }
  ~PresenceOnBus() {
    presence_.stop();
    node_.join_presence(nullptr);
  }
  PresenceOnBus(const PresenceOnBus&) = delete;
  PresenceOnBus& operator=(const PresenceOnBus&) = delete;

  adapters::PresenceFeed feed;

 private:
  PresenceLayer& presence_;
  infra::CafNode& node_;
};

}  // namespace danwa::app
