#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "infra/caf/cluster/cluster.hpp"
#include "infra/caf/cluster/handshake.hpp"

namespace danwa::infra {

/// Decides which nodes are in the cluster, which address to dial and when, and which of several connections to a node
/// stays. It has no socket, no clock and no thread.
///
/// A member that says goodbye is removed at once. A lost member stays as `down` until another node answers at its
/// address, or for ten minutes. At most 64 peers are kept: a new one replaces the peer that has been down the longest.
/// Beyond 128 addresses no further ones are learned.
///
/// Two nodes that dial each other at the same moment agree on one connection, because the node with the lower name
/// decides: it takes its own dial if that has reached the peer already, else the first connection that it judges.
/// Owned by: the cluster's io thread.
class Membership {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  struct Self {
    std::string name;
    std::uint64_t incarnation = 0;
    std::string advertise;
  };

  Membership(Self self, const std::vector<std::string>& seeds, std::uint64_t jitter_seed);

  /// Addresses to dial now. Each counts as "under way" until `dial_ended`.
  std::vector<std::string> take_due(Time now);
  std::optional<Time> next_due() const;

  /// The dial of `address` has reached `peer`, which has proved the secret. The verdicts are still to come.
  void dial_reached(const std::string& address, const Hello& peer);
  void dial_ended(const std::string& address, Time now);
  /// Removes the address from those to dial.
  void forget_address(const std::string& address) { addresses_.erase(address); }
  void heard_of(const std::vector<std::string>& addresses, Time now);

  /// The peer of this connection announces that it leaves. The connection stays until it is lost. Returns nullopt if
  /// the
  /// connection is not up; a reserved one may still come up, but its peer is then no member.
  std::optional<Member> said_goodbye(std::uint64_t link);

  /// Removes members that have been down for ten minutes. True: `members()` has changed.
  bool forget_lost(Time now);

  /// This node's verdict on an authenticated connection. `accept` reserves the peer's place for it.
  Verdict judge(LinkRole role, const Hello& peer, std::optional<Verdict> theirs, std::uint64_t link, Time now);

  /// Whether this connection has its peer's place, reserved or up.
  bool holds(std::uint64_t link) const;

  /// Whether this connection is up and its peer has not said goodbye.
  bool is_member(std::uint64_t link) const;

  /// The connection to `peer`, of the same incarnation, that is up.
  std::optional<std::uint64_t> live_link(const Hello& peer) const;

  /// A connection with a place has come up, or was lost (reserved or up). `link_lost` returns the member only if it was
  /// up. Both return nullopt for a connection that has no place.
  std::optional<Member> link_up(std::uint64_t link, Time now);
  std::optional<Member> link_lost(std::uint64_t link, Time now);

  std::vector<Member> members() const;  ///< every peer that has been up and has not left
  /// The dial addresses of the members that are up.
  std::vector<std::string> addresses() const;

 private:
  enum class Place : std::uint8_t { free, reserved, up };
  struct Peer {
    Member member;
    Place place = Place::free;
    std::uint64_t link = 0;
    bool joined = false;  ///< has been up
    bool left = false;    ///< has said goodbye
    Time since;           ///< last change of `place`
  };
  struct Dial {
    bool seed = false;
    bool under_way = false;
    bool reached = false;  ///< the dial under way has reached a node that proved the secret
    std::string name;      ///< of the node reached last at this address
    bool joined = false;   ///< that node has been a member: the delay between dials is shorter
    unsigned failures = 0;
    Time due{};
  };

  Peer* peer_of(std::uint64_t link);
  bool dialled_into(const std::string& name) const;
  const Peer* find(const std::string& name) const;
  bool dialling(const std::string& name) const;
  bool wants_dial(const Dial& dial) const;
  void schedule(Dial& dial, Time now);
  Verdict reserve(const Hello& peer, std::uint64_t link, Time now);
  void make_room(Time now);
  void note_address(const Member& member, Time now);
  void forget_addresses_of(const std::string& name);

  Self self_;
  std::map<std::string, Peer> peers_;      // by name
  std::map<std::string, Dial> addresses_;  // by "host:port"
  std::minstd_rand jitter_;
};

}  // namespace danwa::infra
