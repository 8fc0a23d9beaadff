#pragma once

#include <cstddef>
#include <list>

#include "adapters/delivery/figures.hpp"
#include "adapters/delivery/router_channel.hpp"

namespace danwa::adapters {

/// Bounds all tail caches of a router in bytes and in number; the least recently used goes first.
class CacheBudget {
 public:
  struct Limits {
    std::size_t bytes = 32UL << 20;
    std::size_t channels = 16'384;
  };
  CacheBudget(Limits limits, DeliveryFigures& figures) : limits_{limits}, figures_{figures} {}
  ~CacheBudget() { figures_.cached_channels.sub(static_cast<std::int64_t>(recent_.size())); }
  CacheBudget(const CacheBudget&) = delete;
  CacheBudget& operator=(const CacheBudget&) = delete;

  /// `channel`'s cache was used or has changed.
  void touch(RouterChannel& channel);

  /// The channel whose cache must go now, never `keep`; null while all fit.
  RouterChannel* victim(const RouterChannel& keep) const;

  std::size_t bytes() const { return bytes_; }
  std::size_t channels() const { return recent_.size(); }

 private:
  Limits limits_;
  DeliveryFigures& figures_;
  std::list<RouterChannel*> recent_;  // the most recently used first; those with a cache
  std::size_t bytes_ = 0;
};

}  // namespace danwa::adapters
