#include "adapters/delivery/cache_budget.hpp"

namespace danwa::adapters {

void CacheBudget::touch(RouterChannel& channel) {
  const std::size_t now = channel.tail.bytes();
  bytes_ += now;
  bytes_ -= channel.budgeted;
  const bool was_in = channel.budgeted != 0;
  channel.budgeted = now;
  if (now == 0 && was_in) {
    recent_.erase(channel.recent);
    figures_.cached_channels.sub();
  } else if (now != 0 && was_in) {
    recent_.splice(recent_.begin(), recent_, channel.recent);
  } else if (now != 0) {
    channel.recent = recent_.insert(recent_.begin(), &channel);
    figures_.cached_channels.add();
  }
}

RouterChannel* CacheBudget::victim(const RouterChannel& keep) const {
  const bool fits = bytes_ <= limits_.bytes && recent_.size() <= limits_.channels;
  if (fits || recent_.empty() || recent_.back() == &keep) return nullptr;
  return recent_.back();
}

}  // namespace danwa::adapters
