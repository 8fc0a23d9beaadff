#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/presence/presence_announcer.hpp"
#include "adapters/presence/presence_peer.hpp"

namespace danwa::adapters {

/// The people who watch each conversation, over all nodes: those of this node, and those of every other node while it
/// shows signs of life. No clock, no thread: every event gets the time. Events leave notes for all other nodes, and
/// conversations in which a person came or left. Owned by: one PresenceHub.
///
///     table.enter({channel, user});
///     table.receive(note, now);
///     table.tick(now);                                   // at `next_due()`, and after other events
///     for (auto& note : table.take_notes(now)) send(note);
///     for (auto& channel : table.take_changed()) show(channel, table.people());
///
/// Each start of a node is a separate peer. So a person who reconnects to a node that was killed and started again does
/// not leave in between: the people of the earlier start stay until its lease ends.
class PresenceTable {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;

  struct Options {
    Milliseconds beat{500};             ///< longest time between two signs of life of this node
    Milliseconds lease{4'000};          ///< a node without a sign of life for this long is gone
    Milliseconds gather{20};            ///< least time between two announcements
    Milliseconds want_again{300};       ///< least time between two requests for missed notes
    Milliseconds farewell{10'000};      ///< notes of a node are ignored for this long after its goodbye
    std::size_t most_people = 100'000;  ///< kept of one node
    std::size_t most_peers = 256;       ///< notes of further nodes are ignored
  };

  PresenceTable(PresenceSelf self, Options options) : options_{options}, mine_{std::move(self), options.most_people} {}
  PresenceTable(const PresenceTable&) = delete;  // the peers know where the people are
  PresenceTable& operator=(const PresenceTable&) = delete;

  /// A watch of this node begins or ends.
  void enter(const PresenceEntry& entry);
  void leave(const PresenceEntry& entry);

  /// A note of another node, or one of this node that came back. False: malformed.
  bool receive(std::string_view note, Time now);

  void tick(Time now);
  Time next_due() const;

  /// The last notes of this node, with its goodbye. Nothing is announced afterwards.
  std::vector<std::string> close();

  /// Notes for all other nodes, a few at a time. While more wait, `next_due` is the time of the next ones.
  std::vector<std::string> take_notes(Time now);

  PresentPeople::Channels take_changed() { return people_.take_changed(); }
  const PresentPeople& people() const { return people_; }

  std::size_t nodes() const;  ///< other nodes with a valid lease
  std::size_t left_out() const { return mine_.left_out(); }

 private:
  struct Peer {
    PresencePeer state;
    Time lease_end{};
    Time want_due{};    // the earliest time of the next request
    bool left = false;  // it said goodbye; kept until the lease ends, so that late notes are ignored
  };
  using PeerKey = std::pair<std::string, std::uint64_t>;

  bool is_me(const PresenceHead& head) const;
  Peer* peer_of(const PresenceHead& head);
  void hear(const PresenceNote& note, Time now);
  void answer(std::uint64_t version, Time now);
  void forgive_pause(Time now);
  void end_leases(Time now);
  void ask(const PeerKey& key, Peer& peer, Time now);
  bool may_announce() const;

  Options options_;
  PresenceAnnouncer mine_;
  PresentPeople people_;
  std::map<PeerKey, Peer> peers_;
  std::deque<std::string> notes_;  // to be sent
  Time notes_due_{};
  Time beat_due_{};
  Time announce_due_{};
  Time answer_due_{};
  Time promised_ = Time::max();  // the latest time at which the next tick was expected
  bool closed_ = false;
};

}  // namespace danwa::adapters
