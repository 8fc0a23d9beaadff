#pragma once

#include <memory>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/presence/presence_hub.hpp"

namespace danwa::adapters {

/// A feed that registers each watch of a conversation in the hub, from its start until its subscription is destroyed or
/// the feed ends it. The first frames of a watch include a `presence-changed` frame, unless its person is alone. Thread
/// safe.
class PresenceFeed final : public UpdateFeed {
 public:
  /// Both must outlive the subscriptions.
  PresenceFeed(UpdateFeed& feed, PresenceHub& hub) : feed_{feed}, hub_{hub} {}

  std::unique_ptr<Subscription> watch(usecase::Watch watch, std::weak_ptr<Watcher> watcher) override;

 private:
  UpdateFeed& feed_;
  PresenceHub& hub_;
};

}  // namespace danwa::adapters
