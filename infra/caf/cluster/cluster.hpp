#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/delivery/log_source.hpp"
#include "adapters/delivery/peer_bus.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"

namespace caf {
class actor_system;
}

namespace danwa::infra {

struct ClusterTls {
  std::string certificate_file;  ///< PEM, this node's chain; used as server and as client
  std::string key_file;          ///< PEM
  std::string ca_file;           ///< PEM; a peer must show a certificate of this CA
};

struct ClusterOptions {
  std::string name;                ///< of this node; unique in the cluster, 1 to 64 visible ASCII characters
  std::string listen;              ///< "host:port"; a name is listened on at all its addresses; port 0: a free one
  std::string advertise;           ///< where peers dial this node; empty: the bound address
  std::string http_advertise;      ///< where clients reach this node; told to the peers
  std::vector<std::string> seeds;  ///< "host:port" of other nodes; this node's own address is ignored
  std::string secret;              ///< of the whole cluster; may be empty on loopback only
  bool plain_network = false;      ///< off loopback without TLS, on a network that is trusted; needs a secret
  std::optional<ClusterTls> tls;   ///< mutual TLS on every link
  adapters::LogSource log;         ///< which log this node serves; a peer that serves another one is refused
};

enum class MemberState : std::uint8_t { up, down };

struct Member {
  std::string name;
  std::uint64_t incarnation = 0;  ///< another one at each start of that node
  MemberState state = MemberState::down;
  std::string advertise;
  std::string http_advertise;
};

/// The links to the other nodes and the bus over them (DESIGN section 7): full mesh, every link
/// authenticated before CAF sees its first byte, bounded memory per peer, drop-oldest.
/// Thread safe. `system` must load caf::io::middleman with heartbeats on; it, `listener`, `logger` and
/// `metrics` must outlive this.
class Cluster final : public adapters::PeerBus {
 public:
  /// Binds and starts to dial. Throws std::runtime_error with one clear line when the options cannot
  /// work: bad address, port taken, an open network without TLS or secret, unreadable certificates.
  Cluster(ClusterOptions options, caf::actor_system& system, adapters::BusListener& listener, adapters::Logger& logger,
          adapters::Metrics& metrics);
  ~Cluster() override;

  /// To every peer that is up.
  void broadcast(adapters::FramePtr frame) override;
  void broadcast_presence(std::string message) override;

  /// The other nodes that have been up since this one started, by name.
  std::vector<Member> members() const;

  std::uint64_t incarnation() const;

  /// The address the node listens on, with the real port.
  std::string bound_address() const;

  /// This node is about to go: tells every peer, so that none keeps it as lost, and makes no new links. Those that
  /// there are go on. Waits for the peers' answers, at most a second.
  void leave();

  /// Cuts all links, ends all actors of the cluster, joins the io thread. Idempotent; nothing reaches
  /// the listener afterwards.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::infra
