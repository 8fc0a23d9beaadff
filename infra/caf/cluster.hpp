#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "usecase/delivery/peer_bus.hpp"

namespace caf {
class actor_system;
}

namespace danwa::caf {

struct ClusterTls {
  std::string certificate_file;  ///< PEM, this node's chain; used as server and as client
  std::string key_file;          ///< PEM
  std::string ca_file;           ///< PEM; a peer must show a certificate of this CA
};

struct ClusterOptions {
  std::string name;                ///< of this node; unique in the cluster, 1 to 64 visible ASCII characters
  std::string listen;              ///< "host:port"; a name is listened on at all its addresses; port 0: a free one
  std::string advertise;           ///< where peers dial this node; empty: the bound address
  std::string http_advertise;      ///< where clients reach this node; sent to the peers
  std::vector<std::string> seeds;  ///< "host:port" of other nodes; this node's own address is ignored
  std::string secret;              ///< of the whole cluster; may be empty on loopback only
  bool plain_network = false;      ///< allow other hosts without TLS, on a trusted network; needs a secret
  std::optional<ClusterTls> tls;   ///< mutual TLS on every peer connection
  delivery::LogSource log;         ///< the log that this node serves; a peer with another log is refused
};

enum class MemberState : std::uint8_t { up, down };

struct Member {
  std::string name;
  std::uint64_t incarnation = 0;  ///< random, new at each start of that node
  MemberState state = MemberState::down;
  std::string advertise;
  std::string http_advertise;
};

/// The connections to the other nodes and the event bus over them. The nodes form a full mesh. Every peer is
/// authenticated before CAF reads its first byte. Memory per peer is bounded: the oldest events are dropped, and the
/// log repairs the loss.
/// Thread safe. `system` must load ::caf::io::middleman with heartbeats on. It, `listener`, `logger` and `metrics` must
/// outlive this.
class Cluster final : public delivery::PeerBus {
 public:
  /// Binds and starts to dial. Throws std::runtime_error with one line if the options cannot work: a bad address, a
  /// taken port, an open network without TLS or secret, unreadable certificates.
  Cluster(ClusterOptions options, ::caf::actor_system& system, delivery::BusListener& listener,
          adapters::Logger& logger, adapters::Metrics& metrics);
  ~Cluster() override;

  /// To every peer that is up and watches the channel of the frame.
  void broadcast(delivery::FramePtr frame) override;
  /// To every peer that is up.
  void broadcast_presence(std::string message) override;
  /// An address is the id of a peer connection.
  void tell(const delivery::PeerAddress& to, std::string message) override;

  /// Peers hear of it within some milliseconds.
  void watched(const domain::ChannelKey& channel) override;
  void unwatched(const domain::ChannelKey& channel) override;

  /// The other nodes that were connected at some time and have not left, by name. A lost one stays as `down` for ten
  /// minutes at most.
  std::vector<Member> members() const;

  std::uint64_t incarnation() const;

  /// The address the node listens on, with the real port.
  std::string bound_address() const;

  /// Announces to every peer that this node leaves, so that no peer lists it as `down`, and makes no new connections.
  /// Existing connections go on. Waits for the answers, at most a second.
  void leave();

  /// Cuts all connections, ends all actors of the cluster, joins the io thread. Idempotent. The listener gets no call
  /// afterwards.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::caf
