#pragma once

#include <atomic>
#include <cstddef>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/beast/live_registry.hpp"
#include "infra/beast/stream_limits.hpp"
#include "usecase/ports/clock.hpp"

namespace danwa::infra {

/// State that all live streams of a server share; outlives all of them.
struct StreamContext {
  adapters::UpdateFeed& feed;
  adapters::Logger& log;
  adapters::Metrics& metrics;
  const usecase::Clock& clock;
  LiveRegistry& streams;  ///< a stream registers inside `start_...`, before that returns
  StreamLimits limits;
  std::atomic<std::size_t> running{0};  ///< tasks of streams that have not ended yet
};

}  // namespace danwa::infra
