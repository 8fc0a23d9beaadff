#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/presence/presence_hub.hpp"

namespace danwa::app {

/// Who is present, and the thread that gives it time.
class PresenceLayer {
 public:
  PresenceLayer(const std::string& node, adapters::Metrics& metrics);
  ~PresenceLayer();  ///< stops
  PresenceLayer(const PresenceLayer&) = delete;
  PresenceLayer& operator=(const PresenceLayer&) = delete;

  adapters::PresenceHub& hub() { return hub_; }

  /// Starts to tell `peers` (null: there are none) and the watchers of this node. Both live until `stop`.
  void start(adapters::PeerBus* peers, adapters::BusListener& watchers);

  /// Says goodbye to the other nodes. Idempotent.
  void stop();

 private:
  void run();
  void wake();

  std::mutex mutex_;  // of the two flags
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  adapters::PresenceHub hub_;
  std::thread thread_;
};

}  // namespace danwa::app
