#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "infra/caf/cluster.hpp"
#include "infra/caf/handshake.hpp"
#include "infra/caf/peer_connection.hpp"

namespace danwa::caf {

/// Events from CAF's side of the peer connections to the cluster's io thread. Thread safe; enqueues only.
class PeerEvents {
 public:
  virtual ~PeerEvents() = default;
  virtual void link_up(std::uint64_t link) = 0;
  virtual void link_lost(std::uint64_t link, std::string reason) = 0;
  /// The peer announces that it leaves. Its connection goes on.
  virtual void peer_left(std::uint64_t link) = 0;
  virtual void heard_of(std::vector<std::string> addresses) = 0;
};

/// Orders from the cluster's io thread to CAF's side. Called by the io thread only; enqueues only.
class PeerOwner {
 public:
  virtual ~PeerOwner() = default;

  /// CAF takes over an authenticated connection; `link_up` or `link_lost` follows.
  virtual void adopt(PeerRole role, std::uint64_t link, int fd) = 0;
  /// Forget the connection; no event follows.
  virtual void drop(std::uint64_t link) = 0;
  /// Send the addresses of all nodes to every peer.
  virtual void tell_peers(std::string addresses) = 0;
};

/// The io thread of the cluster. It listens, dials, runs handshakes, keeps the membership, and passes authenticated
/// connections to their owner. Thread safe.
class PeerConnectionService final : public PeerEvents {
 public:
  /// Checks the options and binds. Throws std::runtime_error with one line.
  PeerConnectionService(ClusterOptions options, adapters::Logger& logger, adapters::Metrics& metrics);
  ~PeerConnectionService() override;

  /// `owner` must outlive `stop`.
  void start(PeerOwner& owner);

  /// The node leaves: no new connections.
  void leave();

  /// Cuts every connection, joins the thread. Idempotent.
  void stop();

  std::vector<Member> members() const;
  std::uint64_t incarnation() const;
  std::string bound_address() const;

  void link_up(std::uint64_t link) override;
  void link_lost(std::uint64_t link, std::string reason) override;
  void peer_left(std::uint64_t link) override;
  void heard_of(std::vector<std::string> addresses) override;

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace danwa::caf
