#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "usecase/delivery/peer_bus.hpp"
#include "usecase/presence/presence_stream.hpp"

namespace danwa::presence {

/// A note to send.
struct OutgoingNote {
  delivery::PeerAddress to;  ///< empty: to all nodes
  std::string note;
};

/// The streams between this node and each other node, while that shows signs of life. No clock, no thread: every event
/// gets the time. Events leave notes for other nodes, and conversations whose people are all known now.
/// Owned by: one PresenceHub.
///
///     table.set_wanted(channel, true, now);
///     table.set_present({channel, user}, true);
///     table.receive(from, note, now);
///     table.tick(now);                                   // at `next_due()`, and after other events
///     for (auto& channel : table.take_covered()) show(channel);
///     for (auto& message : table.take_notes(now)) send(message);
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
    std::size_t most_people = 100'000;  ///< kept of one node; wanted conversations of one node, too
    std::size_t most_peers = 256;       ///< notes of further nodes are ignored
  };

  /// `people` hears of the people of other nodes, and must outlive this.
  PresenceTable(PresenceSelf self, Options options, PeopleListener& people)
      : options_{options}, self_{std::move(self)}, people_{people}, source_{options.most_people} {}
  PresenceTable(const PresenceTable&) = delete;  // the streams refer to it
  PresenceTable& operator=(const PresenceTable&) = delete;

  /// A person watches on this node, or does not any more.
  void set_present(const PresenceEntry& entry, bool present) { source_.set_present(entry, present); }

  /// This node wants to know the people of a conversation, from now on, or does not any more.
  void set_wanted(const domain::ChannelKey& channel, bool wanted, Time now);

  /// A note of another node, or one of this node that came back. False: malformed.
  bool receive(const delivery::PeerAddress& from, std::string_view note, Time now);

  void tick(Time now);
  Time next_due() const;

  /// Conversations that this node wants, and whose people have become known as far as they can be.
  std::vector<domain::ChannelKey> take_covered() { return std::exchange(covered_, {}); }

  /// A few notes at a time. While more wait, `next_due` is the time of the next ones.
  std::vector<OutgoingNote> take_notes(Time now);

  /// The goodbye of this node. Nothing is announced afterwards.
  std::vector<OutgoingNote> close();

  std::size_t nodes() const;  ///< other nodes with a valid lease
  std::size_t left_out() const { return source_.left_out(); }

  /// The names in the notes of other nodes until now.
  std::uint64_t names_heard() const { return names_heard_; }

 private:
  struct Peer {
    PresenceReplica theirs;  // the stream to this node
    PresenceStream mine;     // the stream to that node
    delivery::PeerAddress address{};
    Time lease_end{};
    Time want_due{};    // the earliest time of the next request
    Time answer_due{};  // the earliest time of the next answer to a request
    bool left = false;  // it said goodbye; kept until the lease ends, so that late notes are ignored
  };
  using Peers = std::map<PresenceSelf, Peer>;

  Peer* peer_of(const PresenceSelf& from, Time now);
  void hear(const PresenceNote& note, Peer& peer, Time now);
  void part_with(Peer& peer, Time now);
  void find_state(const std::vector<StreamState>& states, Peer& peer) const;
  void answer(std::uint64_t version, Peer& peer, Time now);
  void forgive_pause(Time now);
  void end_leases(Time now);
  void ask(Peer& peer, Time now);
  void beat_soon(Time now) { beat_due_ = std::min(beat_due_, now + options_.gather); }
  bool may_announce() const;
  void announce();
  void announce_to(Peer& peer, const PresenceChanges& news);
  void beat();
  void cover(Time now);
  void push(const delivery::PeerAddress& to, std::string note);
  bool full() const;

  Options options_;
  const PresenceSelf self_;
  PeopleListener& people_;
  PresenceSource source_;
  Peers peers_;
  std::uint64_t next_base_ = 0;  // above every version of a stream that has ended
  PresenceCoverage coverage_;
  std::vector<domain::ChannelKey> covered_;
  std::deque<OutgoingNote> notes_;  // to be sent
  std::size_t notes_bytes_ = 0;
  Time notes_due_{};
  Time beat_due_{};
  Time announce_due_{};
  Time promised_ = Time::max();  // the latest time at which the next event was expected
  std::uint64_t names_heard_ = 0;
  bool closed_ = false;
};

}  // namespace danwa::presence
