#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "adapters/metrics/metrics.hpp"
#include "infra/net/descriptor_budget.hpp"

namespace danwa::infra {

/// An open connection as the server sees it at its end. Both calls come from any thread, never under a
/// lock of the caller's, may come repeatedly, and must only hand over to the connection's own io_context.
class LiveConnection {
 public:
  virtual ~LiveConnection() = default;

  /// Ends politely after `delay`: a WebSocket with 1001 and the reason `retry-after=<ms>`, an SSE stream
  /// with `retry: <ms>`, a plain HTTP connection after the answer it owes.
  virtual void drain(std::chrono::milliseconds delay, std::chrono::milliseconds retry_after) = 0;

  /// Closes the socket at once.
  virtual void stop() = 0;
};

/// Every open connection of one kind, so that the end of the node reaches all of them; also what
/// `Metrics::sockets` counts. Thread safe.
class LiveRegistry {
 public:
  /// `descriptors`: where each connection counts as one; null: nowhere.
  LiveRegistry(adapters::Metrics& metrics, net::DescriptorBudget::Share* descriptors)
      : metrics_{metrics}, descriptors_{descriptors} {}

  /// Holds a place; gives it back when destroyed. Must not outlive the registry.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place() { leave(); }
    void leave();

   private:
    friend class LiveRegistry;
    LiveRegistry* registry_ = nullptr;
    std::list<std::weak_ptr<LiveConnection>>::iterator where_;
  };

  /// One that comes while the registry drains is told to drain at once.
  Place add(std::weak_ptr<LiveConnection> connection);

  /// Tells all to drain, spread evenly over `window`; newcomers, too, from now on.
  void drain(std::chrono::milliseconds window, std::chrono::milliseconds retry_after);
  void stop_all();
  std::size_t size() const;

  /// Waits until nobody is left; false when that has not come by `deadline`.
  bool wait_empty(std::chrono::steady_clock::time_point deadline);

 private:
  std::list<std::weak_ptr<LiveConnection>> all() const;

  adapters::Metrics& metrics_;
  net::DescriptorBudget::Share* const descriptors_;
  mutable std::mutex mutex_;  // connections come and go on every io thread; held for a list operation
  std::condition_variable emptied_;
  std::list<std::weak_ptr<LiveConnection>> connections_;
  std::optional<std::chrono::milliseconds> draining_;  // the retry-after for newcomers
};

}  // namespace danwa::infra
