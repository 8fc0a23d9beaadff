#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "infra/caf/cluster.hpp"

namespace danwa::caf {

/// A node of a cluster with an actor system of its own, on loopback, port 0; keeps what its peers send. It watches the
/// rooms "room", "from-one", "from-two", "ping" and "pong" from its start.
class TestNode {
 public:
  explicit TestNode(const std::string& name, std::vector<std::string> seeds = {}, std::string secret = "secret");
  explicit TestNode(ClusterOptions options);
  ~TestNode();

  Cluster& cluster();
  adapters::Metrics& metrics();
  std::string address() { return cluster().bound_address(); }

  /// Text of every log line so far: event, then fields.
  std::vector<std::string> log_lines() const;
  bool logged(const std::string& part) const;

  std::vector<domain::Seq> seqs_of(const std::string& room) const;  ///< in the order of arrival
  std::size_t looks_everywhere() const;
  std::size_t looks_at(const std::string& room) const;
  bool sees_up(const std::string& peer);

  /// Called for every frame from now on, on CAF's thread, before it is kept.
  void on_frame(std::function<void(const delivery::FramePtr&)> act);
  void send(const std::string& room, domain::Seq seq, std::size_t size = 200);
  void watch(const std::string& room);
  void unwatch(const std::string& room);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

delivery::FramePtr test_frame(const std::string& room, domain::Seq seq, std::size_t size = 200);

/// Waits for `holds`, at most `limit`; the last answer.
inline bool eventually(const std::function<bool()>& holds, std::chrono::seconds limit = std::chrono::seconds{10}) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

}  // namespace danwa::caf
