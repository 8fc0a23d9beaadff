#include "infra/beast/live_registry.hpp"

#include <utility>

namespace danwa::beast {

LiveRegistry::Place::Place(Place&& other) noexcept
    : registry_{std::exchange(other.registry_, nullptr)}, where_{other.where_} {}

LiveRegistry::Place& LiveRegistry::Place::operator=(Place&& other) noexcept {
  if (this == &other) return *this;
  leave();
  registry_ = std::exchange(other.registry_, nullptr);
  where_ = other.where_;
  return *this;
}

void LiveRegistry::Place::leave() {
  auto* registry = std::exchange(registry_, nullptr);
  if (registry == nullptr) return;
  registry->metrics_.sockets.sub();
  if (registry->descriptors_ != nullptr) registry->descriptors_->give_back(1);
  const std::lock_guard lock{registry->mutex_};
  registry->connections_.erase(where_);
  if (registry->connections_.empty()) registry->emptied_.notify_all();
}

LiveRegistry::Place LiveRegistry::add(std::weak_ptr<LiveConnection> connection) {
  Place place;
  std::optional<std::chrono::milliseconds> draining;
  {
    const std::lock_guard lock{mutex_};
    connections_.push_back(connection);
    place.where_ = std::prev(connections_.end());
    draining = draining_;
  }
  place.registry_ = this;
  metrics_.sockets.add();
  if (descriptors_ != nullptr) descriptors_->hold(1);
  if (draining) {
    if (const auto alive = connection.lock()) alive->drain(std::chrono::milliseconds{0}, *draining);
  }
  return place;
}

std::list<std::weak_ptr<LiveConnection>> LiveRegistry::all() const {
  const std::lock_guard lock{mutex_};
  return connections_;
}

void LiveRegistry::drain(std::chrono::milliseconds window, std::chrono::milliseconds retry_after) {
  {
    const std::lock_guard lock{mutex_};
    draining_ = retry_after;
  }
  const auto connections = all();
  const auto count = static_cast<std::chrono::milliseconds::rep>(connections.size());
  std::chrono::milliseconds::rep turn = 0;
  for (const auto& connection : connections) {
    // Evenly spread, so that the clients do not reconnect to the other nodes all at once.
    const auto delay = window * turn++ / count;
    if (const auto alive = connection.lock()) alive->drain(delay, retry_after);
  }
}

void LiveRegistry::stop_all() {
  for (const auto& connection : all()) {
    if (const auto alive = connection.lock()) alive->stop();
  }
}

std::size_t LiveRegistry::size() const {
  const std::lock_guard lock{mutex_};
  return connections_.size();
}

bool LiveRegistry::wait_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  return emptied_.wait_until(lock, deadline, [this] { return connections_.empty(); });
}

}  // namespace danwa::beast
