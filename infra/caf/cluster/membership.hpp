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

/// Who is in the cluster, whom to dial and when, and which of several connections becomes the link: no
/// socket, no clock, no thread of its own.
///
/// A member that has said goodbye is gone at once. One that was lost stays as `down` until another node answers at its
/// address, or for ten minutes; beyond 64 members the oldest of those goes. Addresses are not learned beyond 128.
///
/// Two nodes that dial each other at the same moment agree on one link, since the node with the lower
/// name decides: it takes the first connection it judges, its own when it has one under way.
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

  /// Addresses to dial now; each stays "under way" until `dial_ended`.
  std::vector<std::string> take_due(Time now);
  std::optional<Time> next_due() const;

  /// The dial of `address` has reached this node, which has proved that it knows the secret; the link, if any, is still
  /// to come.
  void dial_reached(const std::string& address, const Hello& peer);
  void dial_ended(const std::string& address, Time now);
  /// Never dial it again.
  void forget_address(const std::string& address) { addresses_.erase(address); }
  void heard_of(const std::vector<std::string>& addresses, Time now);

  /// The peer of this link says goodbye: its link stays until it is lost. Nothing for a connection that is no link; one
  /// that becomes a link afterwards is none of a member.
  std::optional<Member> said_goodbye(std::uint64_t link);

  /// Forgets who has been down for too long. True: `members()` has changed.
  bool forget_lost(Time now);

  /// Our verdict on an authenticated connection; `accept` reserves the peer's place for it.
  Verdict judge(LinkRole role, const Hello& peer, std::optional<Verdict> theirs, std::uint64_t link, Time now);

  /// Is the peer's place (still) kept for this connection?
  bool holds(std::uint64_t link) const;

  /// Whether this connection is the link of a member that has not said goodbye.
  bool is_member(std::uint64_t link) const;

  /// The link that `peer` (of this incarnation) says is dead.
  std::optional<std::uint64_t> live_link(const Hello& peer) const;

  /// A reserved connection has become the link, or was lost, before or after. Nothing for a connection
  /// that has no place (any more).
  std::optional<Member> link_up(std::uint64_t link, Time now);
  std::optional<Member> link_lost(std::uint64_t link, Time now);

  std::vector<Member> members() const;  ///< those that have been up
  /// Where the members that are up can be dialled.
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
    bool reached = false;  ///< this time: it is known who answers
    std::string name;      ///< of the node last reached there
    bool joined = false;   ///< that node has been a member: dialled more eagerly
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
