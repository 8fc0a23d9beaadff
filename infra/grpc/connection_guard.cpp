#include "infra/grpc/connection_guard.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace danwa::infra {

// The owner of all connections of the port. It keeps weak pointers: a connection lives as long as one of its handlers
// and reports its end from its destructor. Under a flood of connections the descriptors run out first, so each one
// takes its three from the node's budget. When that is empty, the new connection is closed, and so are up to 16 idle
// ones, so that the next clients find a place. Connections that carry a call are never closed.

namespace {

constexpr std::chrono::seconds kRefusalLine{1};
constexpr std::chrono::milliseconds kRoomInterval{100};  // between two passes over all connections
constexpr std::size_t kRoom = 16;                        // idle connections closed in one pass
constexpr std::chrono::seconds kNewcomer{1};             // a new connection is not idle for this long
constexpr std::size_t kDescriptors = 3;                  // of a connection: its socket and a pair

}  // namespace

ConnectionGuard::ConnectionGuard(const ConnectionLimits& limits, std::function<void(int)> hand_over,
                                 net::DescriptorBudget::Share* descriptors, adapters::Logger& log)
    : to_grpc_{std::move(hand_over)},
      descriptors_{descriptors},
      log_{log},
      context_{.limits = limits,
               .hand_over = [this](int socket) { return this->hand_over(socket); },
               .on_refusal = [this](GuardedConnection& one, std::string_view reason) { report(one.peer(), reason); },
               .on_gone = [this](GuardedConnection* one) { forget(one); }} {}

void ConnectionGuard::add(boost::asio::io_context& lane, int socket) {
  if (descriptors_ != nullptr && !descriptors_->take(kDescriptors)) {
    ::close(socket);
    make_room();
    return report("", "there are too many connections");
  }
  const auto connection = std::make_shared<GuardedConnection>(context_, lane, socket);
  {
    const std::lock_guard lock{mutex_};
    connections_.emplace(connection.get(), connection);
  }
  connection->start();
}

void ConnectionGuard::make_room() {
  using Free = std::pair<std::chrono::steady_clock::time_point, std::shared_ptr<GuardedConnection>>;
  std::vector<Free> free;
  {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock{mutex_};
    if (now - made_room_ < kRoomInterval) return;
    made_room_ = now;
    for (const auto& [key, connection] : connections_) {
      const auto since = key->free_since();
      if (since > now - kNewcomer) continue;
      if (auto one = connection.lock()) free.emplace_back(since, std::move(one));
    }
  }
  const auto most = free.begin() + static_cast<std::ptrdiff_t>(std::min(free.size(), kRoom));
  std::partial_sort(free.begin(), most, free.end(), [](const Free& a, const Free& b) { return a.first < b.first; });
  for (auto one = free.begin(); one != most; ++one) one->second->make_room();
}

void ConnectionGuard::forget(GuardedConnection* connection) {
  if (descriptors_ != nullptr) descriptors_->give_back(kDescriptors);
  const std::lock_guard lock{mutex_};
  connections_.erase(connection);
}

bool ConnectionGuard::hand_over(int socket) {
  const std::lock_guard lock{handing_over_};
  if (stopped_) return false;
  to_grpc_(socket);
  return true;
}

void ConnectionGuard::stop_handing_over() {
  {
    const std::lock_guard lock{handing_over_};
    stopped_ = true;
  }
  for_each([](GuardedConnection& connection) { connection.close_unless_served(); });
}

void ConnectionGuard::close_all() {
  for_each([](GuardedConnection& connection) { connection.close(); });
}

std::size_t ConnectionGuard::size() const {
  const std::lock_guard lock{mutex_};
  return connections_.size();
}

template <class Action>
void ConnectionGuard::for_each(Action action) {
  std::vector<std::shared_ptr<GuardedConnection>> alive;  // a connection's destructor takes the lock: not under it
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [key, connection] : connections_) {
      if (auto one = connection.lock()) alive.push_back(std::move(one));
    }
  }
  for (const auto& connection : alive) action(*connection);
}

/// Logs at most one line a second, because a refused client may come again at once.
void ConnectionGuard::report(std::string peer, std::string_view reason) {
  const std::lock_guard lock{reporting_};
  ++refused_;
  const auto now = std::chrono::steady_clock::now();
  if (now - reported_ < kRefusalLine) return;
  reported_ = now;
  log_.info("grpc.connection_refused",
            {{"peer", std::move(peer)}, {"reason", std::string{reason}}, {"count", std::exchange(refused_, 0)}});
}

}  // namespace danwa::infra
