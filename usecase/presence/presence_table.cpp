#include "usecase/presence/presence_table.hpp"

#include <algorithm>
#include <iterator>

namespace danwa::presence {

// What this node announces, a pair of streams for each start of another node, and the times of the protocol. The bus
// may lose, repeat and reorder notes:
// - A beat to all nodes every 500 ms names the version of each stream, so a lost delta is noticed even if no other
//   follows. The replica asks for what it missed, and gets an answer at most every 200 ms.
// - A node without a sign of life for 4 s is gone, and so are its people.
// - `bye` removes the people of a node at once. Its peer stays for 10 s without people, so that an older note that
//   comes later does not bring them back.
// - A stream begins when this node knows what the other one wants. So a node that had lost sight of another one, and
//   sees it again, tells it everything in one step, and its people do not vanish there in between. The new stream
//   begins above every version of an old one, so the two cannot be confused.
//
// Notes are sent in portions: at most 512 KiB every 10 ms, so presence never crowds out updates on the bus. While more
// than 4 MiB wait, new changes stay in the source and are merged there.
//
// After a pause of its own (a stopped process) a node must not declare the others dead: their notes still wait to be
// read. `forgive_pause` extends every lease by the length of the pause.

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kNotesAtOnce = 512UL * 1024;       // bytes
constexpr milliseconds kNotesPause{10};                  // between two portions
constexpr std::size_t kNotesWaiting = 8 * kNotesAtOnce;  // with so many bytes waiting, nothing new is announced
constexpr milliseconds kAnswerPause{200};                // between two answers to `want` of a node
constexpr milliseconds kOwnPause{250};  // an event that is later than this means that the process stood still

}  // namespace

void PresenceTable::set_wanted(const domain::ChannelKey& channel, bool wanted, Time now) {
  source_.set_wanted(channel, wanted);
  if (wanted) coverage_.begin(channel, now);
}

bool PresenceTable::receive(const delivery::PeerAddress& from, std::string_view text, Time now) {
  forgive_pause(now);  // before the lease of the sender, which begins now
  const auto note = decode_presence(text);
  if (!note) return false;
  if (note->head.from == self_) return true;
  names_heard_ += note->changes.left.size() + note->changes.came.size();
  Peer* const peer = peer_of(note->head.from, now);
  if (peer == nullptr) return true;
  peer->lease_end = now + options_.lease;
  if (peer->address != from) beat_soon(now);  // a new connection: what was lost between the two is noticed at once
  peer->address = from;
  hear(*note, *peer, now);
  return true;
}

/// The peer of a note's sender, a new one if it is unknown. Null: its notes are ignored.
PresenceTable::Peer* PresenceTable::peer_of(const PresenceSelf& from, Time now) {
  const auto found = peers_.find(from);
  if (found != peers_.end()) return found->second.left ? nullptr : &found->second;
  if (peers_.size() >= options_.most_peers) return nullptr;
  beat_soon(now);  // a new node should learn of this one
  Peer peer{PresenceReplica{people_, options_.most_people}, PresenceStream{self_, from, source_, next_base_}};
  return &peers_.emplace(from, std::move(peer)).first->second;
}

void PresenceTable::hear(const PresenceNote& note, Peer& peer, Time now) {
  switch (note.head.kind) {
    case PresenceNoteKind::delta:
      peer.theirs.on_delta(note);
      break;
    case PresenceNoteKind::snapshot:
      peer.theirs.on_snapshot(note);
      break;
    case PresenceNoteKind::want:
      answer(note.head.version, peer, now);
      break;
    case PresenceNoteKind::beat:
      find_state(note.states, peer);
      break;
    case PresenceNoteKind::bye:
      return part_with(peer, now);
  }
  for (const auto& [channel, wanted] : peer.theirs.take_turned()) peer.mine.set_wanted(channel, wanted);
  ask(peer, now);
}

void PresenceTable::find_state(const std::vector<StreamState>& states, Peer& peer) const {
  for (const auto& state : states) {
    if (state.to == self_) peer.theirs.on_state(state);
  }
}

void PresenceTable::part_with(Peer& peer, Time now) {
  peer.theirs.clear();
  peer.left = true;
  peer.lease_end = now + options_.farewell;
}

void PresenceTable::ask(Peer& peer, Time now) {
  if (peer.left || !peer.theirs.behind() || now < peer.want_due || closed_) return;
  peer.want_due = now + options_.want_again;
  push(peer.address, encode(PresenceHead{PresenceNoteKind::want, self_, peer.theirs.version()}));
}

void PresenceTable::answer(std::uint64_t version, Peer& peer, Time now) {
  if (closed_ || now < peer.answer_due || full()) return;
  peer.answer_due = now + kAnswerPause;
  PresenceStream::Notes notes;
  peer.mine.answer(version, notes);
  for (auto& note : notes) push(peer.address, std::move(note));
}

void PresenceTable::tick(Time now) {
  forgive_pause(now);
  end_leases(now);
  if (may_announce() && now >= announce_due_) {
    announce_due_ = now + options_.gather;
    announce();
  }
  if (!closed_ && now >= beat_due_) {
    beat_due_ = now + options_.beat;
    beat();
  }
  for (auto& [self, peer] : peers_) ask(peer, now);
  cover(now);
}

/// An event that is very late means that this process stood still: all leases grow by the pause.
void PresenceTable::forgive_pause(Time now) {
  const Time promised = std::exchange(promised_, now + options_.beat);
  if (now < promised || now - promised < kOwnPause) return;
  for (auto& [self, peer] : peers_) peer.lease_end += now - promised;
}

void PresenceTable::end_leases(Time now) {
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    const auto next = std::next(peer);
    if (peer->second.lease_end <= now) {
      peer->second.theirs.clear();
      next_base_ = std::max(next_base_, peer->second.mine.version() + 1);
      peers_.erase(peer);
    }
    peer = next;
  }
}

bool PresenceTable::may_announce() const {
  if (closed_ || full()) return false;
  if (source_.restless() || (coverage_.fresh() && nodes() > 0)) return true;
  return std::any_of(peers_.begin(), peers_.end(), [](const auto& one) {
    const Peer& peer = one.second;
    return !peer.left && (peer.mine.started() ? peer.mine.restless() : peer.theirs.complete());
  });
}

void PresenceTable::announce() {
  const auto news = source_.take();
  PresenceCoverage::Versions versions;
  for (auto& [self, peer] : peers_) {
    if (peer.left) continue;
    announce_to(peer, news);
    auto& version = versions[self];
    if (peer.mine.started()) version = peer.mine.version();
  }
  if (!source_.wants_more()) coverage_.announced(versions);
}

void PresenceTable::announce_to(Peer& peer, const PresenceChanges& news) {
  if (!peer.mine.started() && peer.theirs.complete() && !full()) peer.mine.start();
  PresenceStream::Notes notes;
  peer.mine.announce(news, peer.theirs.version(), full(), notes);
  for (auto& note : notes) push(peer.address, std::move(note));
}

/// One note, or more if there are very many nodes.
void PresenceTable::beat() {
  std::vector<StreamState> states;
  for (const auto& [self, peer] : peers_) {
    if (!peer.left) states.push_back(peer.mine.state());
  }
  auto texts = lines_of(states);
  if (texts.empty()) texts.emplace_back();
  for (const auto& text : texts) push({}, encode(PresenceHead{PresenceNoteKind::beat, self_}, text));
}

void PresenceTable::cover(Time now) {
  const auto answered = [this](const PresenceSelf& node, std::optional<std::uint64_t> version) {
    const auto peer = peers_.find(node);
    if (peer == peers_.end() || peer->second.left) return true;
    return version && peer->second.theirs.heard() >= *version;
  };
  auto covered = coverage_.take(now, nodes() == 0, answered);
  std::move(covered.begin(), covered.end(), std::back_inserter(covered_));
}

PresenceTable::Time PresenceTable::next_due() const {
  Time due = closed_ ? Time::max() : std::min(beat_due_, coverage_.next_due());
  if (may_announce()) due = std::min(due, announce_due_);
  if (!notes_.empty()) due = std::min(due, notes_due_);
  for (const auto& [self, peer] : peers_) {
    due = std::min(due, peer.lease_end);
    if (peer.theirs.behind() && !peer.left && !closed_) due = std::min(due, peer.want_due);
  }
  return due;
}

void PresenceTable::push(const delivery::PeerAddress& to, std::string note) {
  notes_bytes_ += note.size();
  notes_.push_back({to, std::move(note)});
}

bool PresenceTable::full() const { return notes_bytes_ >= kNotesWaiting; }

std::vector<OutgoingNote> PresenceTable::take_notes(Time now) {
  std::vector<OutgoingNote> taken;
  if (now < notes_due_) return taken;
  for (std::size_t bytes = 0; !notes_.empty() && bytes < kNotesAtOnce; notes_.pop_front()) {
    bytes += notes_.front().note.size();
    notes_bytes_ -= notes_.front().note.size();
    taken.push_back(std::move(notes_.front()));
  }
  if (!taken.empty()) notes_due_ = now + kNotesPause;
  return taken;
}

std::vector<OutgoingNote> PresenceTable::close() {
  if (std::exchange(closed_, true)) return {};
  notes_.clear();
  return {{{}, encode(PresenceHead{PresenceNoteKind::bye, self_})}};
}

std::size_t PresenceTable::nodes() const {
  return static_cast<std::size_t>(
      std::count_if(peers_.begin(), peers_.end(), [](const auto& peer) { return !peer.second.left; }));
}

}  // namespace danwa::presence
