#pragma once

#include <chrono>
#include <memory>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/http/hurry.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::adapters {

enum class WaitEnd {
  news,             ///< the watched channel has an update after the start of the watch
  time_over,        ///< nothing came in time
  hurried,          ///< the client has left or the node is draining
  feed_ended,       ///< the feed ended the watch
  forbidden,        ///< access was revoked
  credential_ended  ///< the lease of the waiting caller has ended
};

/// Suspends a long poll until the channel of `watch` has an update, for at most `time`. Reads nothing itself: the
/// caller reads the log again. Runs on: the connection's executor. `lease` and `hurry` may be null.
usecase::Async<WaitEnd> wait_for_news(UpdateFeed& feed, usecase::Watch watch, std::chrono::milliseconds time,
                                      usecase::LeasePtr lease, std::shared_ptr<http::Hurry> hurry);

}  // namespace danwa::adapters
