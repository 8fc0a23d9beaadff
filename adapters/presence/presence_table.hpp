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

/// Who watches which conversation on all nodes: this node's own people, and those of every other node for as
/// long as it shows signs of life. Plain: every event gets the time, and leaves notes to be sent to all other
/// nodes and conversations in which somebody came or went. Owned by: one PresenceHub.
///
///     table.enter({channel, user});
///     table.receive(note, now);
///     table.tick(now);                                   // at `next_due()`, and after other events
///     for (auto& note : table.take_notes(now)) send(note);
///     for (auto& channel : table.take_changed()) show(channel, table.people());
///
/// Each start of a node is a peer of its own. So whoever comes back to a node that was killed and started
/// again is not gone in between: the people of the earlier start stay until its lease ends.
class PresenceTable {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;

  struct Options {
    Milliseconds beat{500};             ///< a sign of life at least as often
    Milliseconds lease{4'000};          ///< a node without a sign of life is gone after that
    Milliseconds gather{20};            ///< between two announcements
    Milliseconds want_again{300};       ///< between two requests for what was missed
    Milliseconds farewell{10'000};      ///< how long a node that said goodbye is not listened to
    std::size_t most_people = 100'000;  ///< of one node
    std::size_t most_peers = 256;       ///< others are not listened to
  };

  PresenceTable(PresenceSelf self, Options options) : options_{options}, mine_{std::move(self), options.most_people} {}
  PresenceTable(const PresenceTable&) = delete;  // the peers know where the people are
  PresenceTable& operator=(const PresenceTable&) = delete;

  /// A watch of this node begins or ends.
  void enter(const PresenceEntry& entry);
  void leave(const PresenceEntry& entry);

  /// A note of another node, or this node's own, come back. False: malformed.
  bool receive(std::string_view note, Time now);

  void tick(Time now);
  Time next_due() const;

  /// This node says goodbye: the last notes; nothing is announced afterwards.
  std::vector<std::string> close();

  /// Notes for all other nodes, a few at a time: while there are more, `next_due` says so.
  std::vector<std::string> take_notes(Time now);

  PresentPeople::Channels take_changed() { return people_.take_changed(); }
  const PresentPeople& people() const { return people_; }

  std::size_t nodes() const;  ///< other nodes whose lease runs
  std::size_t left_out() const { return mine_.left_out(); }

 private:
  struct Peer {
    PresencePeer state;
    Time lease_end{};
    Time want_due{};    // not before
    bool left = false;  // it said goodbye; kept for that until the lease ends
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
  Time promised_ = Time::max();  // the last tick expected the next one by then
  bool closed_ = false;
};

}  // namespace danwa::adapters
