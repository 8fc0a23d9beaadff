#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/presence/presence_hub.hpp"

namespace danwa::app {

/// The presence hub and the thread that calls its `step`.
class PresenceLayer {
 public:
  PresenceLayer(const std::string& node, adapters::Metrics& metrics);
  ~PresenceLayer();  ///< stops
  PresenceLayer(const PresenceLayer&) = delete;
  PresenceLayer& operator=(const PresenceLayer&) = delete;

  adapters::PresenceHub& hub() { return hub_; }

  /// Starts to send presence to `peers` (null: none) and to the watchers of this node. Both must live until `stop`.
  void start(adapters::PeerBus* peers, adapters::BusListener& watchers);

  /// Sends the goodbye to the other nodes, joins the thread. Idempotent.
  void stop();

 private:
  void run();
  void wake();

  std::mutex mutex_;  // guards the two flags
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  adapters::PresenceHub hub_;
  std::thread thread_;
};

}  // namespace danwa::app
