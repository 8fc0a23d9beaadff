#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "adapters/metrics/metrics.hpp"
#include "infra/net/descriptors.hpp"

namespace danwa::beast {

/// An open connection, from the view of a server that ends. Both functions may be called from any thread and
/// repeatedly, never under a lock of the caller. They must only hand over to the connection's own io_context.
class LiveConnection {
 public:
  virtual ~LiveConnection() = default;

  /// Ends the connection politely after `delay`: a WebSocket with 1001 and the reason `retry-after=<ms>`, an SSE stream
  /// with `retry: <ms>`, a plain HTTP connection after the answer in progress.
  virtual void drain(std::chrono::milliseconds delay, std::chrono::milliseconds retry_after) = 0;

  /// Closes the socket at once.
  virtual void stop() = 0;
};

/// All open connections of one kind, so that the end of the node reaches each of them. `Metrics::sockets` counts the
/// same connections. Thread safe.
class LiveRegistry {
 public:
  /// `descriptors`: the budget in which each connection counts as one; null: none.
  LiveRegistry(adapters::Metrics& metrics, net::DescriptorBudget::Share* descriptors)
      : metrics_{metrics}, descriptors_{descriptors} {}

  /// The entry of a connection; its destructor removes it. Must not outlive the registry.
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

  /// Adds a connection. During a drain, it is drained at once.
  Place add(std::weak_ptr<LiveConnection> connection);

  /// Drains all connections, spread evenly over `window`, and every later one at once.
  void drain(std::chrono::milliseconds window, std::chrono::milliseconds retry_after);
  void stop_all();
  std::size_t size() const;

  /// Waits until no connection is left. False: some are left at `deadline`.
  bool wait_empty(std::chrono::steady_clock::time_point deadline);

 private:
  std::list<std::weak_ptr<LiveConnection>> all() const;

  adapters::Metrics& metrics_;
  net::DescriptorBudget::Share* const descriptors_;
  mutable std::mutex mutex_;  // connections come and go on every io thread; held for one list operation
  std::condition_variable emptied_;
  std::list<std::weak_ptr<LiveConnection>> connections_;
  std::optional<std::chrono::milliseconds> draining_;  // retry-after of the drain, for later connections
};

}  // namespace danwa::beast
