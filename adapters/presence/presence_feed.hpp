#pragma once

#include <memory>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/presence/presence_hub.hpp"

namespace danwa::adapters {

/// A feed whose watches of conversations are noted in the hub from their start until their subscription is
/// destroyed or the feed ends them. Each is shown who is there with its first frames, unless
/// it is alone. Thread safe.
class PresenceFeed final : public UpdateFeed {
 public:
  /// Both outlive the subscriptions.
  PresenceFeed(UpdateFeed& feed, PresenceHub& hub) : feed_{feed}, hub_{hub} {}

  std::unique_ptr<Subscription> watch(usecase::Watch watch, std::weak_ptr<Watcher> watcher) override;

 private:
  UpdateFeed& feed_;
  PresenceHub& hub_;
};

}  // namespace danwa::adapters
