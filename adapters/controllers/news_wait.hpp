#pragma once

#include <chrono>
#include <memory>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/http/hurry.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::adapters {

enum class WaitEnd {
  news,             ///< the watched channel has an update after the watch's start
  time_over,        ///< nothing came in time
  hurried,          ///< the client has left or the node wants to stop
  feed_ended,       ///< the feed ended the watch
  forbidden,        ///< the right to watch has ended
  credential_ended  ///< the lease of who waits
};

/// Suspends a long poll until the channel of `watch` has news, at most `time`. Reads nothing itself: the
/// caller looks at the log again. Runs on: the connection's executor. `lease` and `hurry` may be null.
usecase::Async<WaitEnd> wait_for_news(UpdateFeed& feed, usecase::Watch watch, std::chrono::milliseconds time,
                                      usecase::LeasePtr lease, std::shared_ptr<http::Hurry> hurry);

}  // namespace danwa::adapters
