#include "usecase/presence/presence_table.hpp"

#include <cassert>
#include <iterator>

namespace danwa::presence {

// Presence has no log, so each node is the truth about its own people, and numbers its changes. The announcer of a node
// and the peer that stands for it on another node form one state machine:
//
//     announcer, at v:  a change: sends "delta v", then at v + 1; keeps the newest 256 KiB of deltas
//
//     peer, at v:       up to date ──a delta or beat above v──> behind: sends "want v"
//                         ^  │  ^                                  │
//              "delta v": └──┘  └── the deltas from v, or all ─────┘
//            then at v + 1           people as a snapshot
//
// A peer applies a delta only at its own version, so no delta counts twice, and none is skipped unnoticed. A snapshot
// replaces all people of the node in one step, after its last part has come: nobody disappears in between. People of a
// node leave only by its own notes, or by the end of its lease.

void PresencePeer::on_delta(const PresenceNote& delta) {
  const std::uint64_t from = delta.head.version;
  hear(from + 1);
  if (from != version_) return;
  version_ = from + 1;
  for (const auto& entry : delta.left) {
    if (entries_.erase(entry) > 0) people_.remove(entry);
  }
  for (const auto& entry : delta.came) {
    if (entries_.size() < most_ && entries_.insert(entry).second) people_.add(entry);
  }
}

void PresencePeer::on_snapshot(const PresenceNote& part) {
  const PresenceHead& head = part.head;
  hear(head.version);
  if (head.version <= version_ || (gathering_ && head.version < gathering_->version)) return;
  if (!gathering_ || gathering_->version != head.version || gathering_->got.size() != head.parts) {
    gathering_ = Gathering{head.version, std::vector<bool>(head.parts), head.parts};
  }
  auto& gathering = *gathering_;
  if (gathering.got[head.part]) return;
  gathering.got[head.part] = true;
  for (const auto& entry : part.came) {
    if (gathering.entries.size() < most_) gathering.entries.insert(entry);
  }
  if (--gathering.missing > 0) return;
  version_ = gathering.version;
  replace(std::move(std::exchange(gathering_, std::nullopt)->entries));
}

/// Adds new people before it removes old ones, so nobody vanishes for a moment.
void PresencePeer::replace(Entries entries) {
  for (const auto& entry : entries) {
    if (!entries_.contains(entry)) people_.add(entry);
  }
  for (const auto& entry : entries_) {
    if (!entries.contains(entry)) people_.remove(entry);
  }
  entries_ = std::move(entries);
}

void PresencePeer::clear() {
  replace({});
  gathering_.reset();
}

bool PresenceAnnouncer::enter(const PresenceEntry& entry) {
  if (++entries_[entry].count > 1) return false;
  dirty_.insert(entry);
  return true;
}

bool PresenceAnnouncer::leave(const PresenceEntry& entry) {
  const auto found = entries_.find(entry);
  assert(found != entries_.end() && found->second.count > 0);
  if (--found->second.count > 0) return false;
  dirty_.insert(entry);
  return true;
}

void PresenceAnnouncer::announce(std::deque<std::string>& out) {
  PresenceLines lines;
  for (const auto& entry : take_left()) lines.left(entry);
  for (const auto& entry : take_came()) lines.came(entry);
  for (const auto& text : lines.take()) {
    out.push_back(encode(head(PresenceNoteKind::delta), text));
    remember(version_++, out.back());
  }
}

/// Takes the announced people who have gone. A person who came and went in between is forgotten, and one who came moves
/// to `waiting_`.
std::vector<PresenceEntry> PresenceAnnouncer::take_left() {
  std::vector<PresenceEntry> left;
  for (const auto& entry : std::exchange(dirty_, {})) {
    const auto found = entries_.find(entry);
    if (found->second.count > 0) {
      if (!found->second.announced) waiting_.insert(entry);
      continue;
    }
    if (found->second.announced) left.push_back(entry);
    waiting_.erase(entry);
    entries_.erase(found);
  }
  announced_ -= left.size();
  return left;
}

std::vector<PresenceEntry> PresenceAnnouncer::take_came() {
  std::vector<PresenceEntry> came;
  for (; announced_ < most_ && !waiting_.empty(); ++announced_) {
    came.push_back(std::move(waiting_.extract(waiting_.begin()).value()));
    entries_[came.back()].announced = true;
  }
  return came;
}

/// Bounded in bytes. A node that misses more than is kept gets a snapshot, so nothing depends on the size.
void PresenceAnnouncer::remember(std::uint64_t from, const std::string& note) {
  history_.push_back({from, note});
  history_bytes_ += note.size();
  while (history_bytes_ > kHistory) {
    history_bytes_ -= history_.front().note.size();
    history_.pop_front();
  }
}

void PresenceAnnouncer::answer(std::uint64_t version, std::deque<std::string>& out) const {
  if (version == version_) return out.push_back(beat());
  if (version > version_ || history_.empty() || version < history_.front().from) return snapshot(out);
  for (const auto& delta : history_) {
    if (delta.from >= version) out.push_back(delta.note);
  }
}

void PresenceAnnouncer::snapshot(std::deque<std::string>& out) const {
  PresenceLines lines;
  for (const auto& [entry, watches] : entries_) {
    if (watches.announced) lines.came(entry);
  }
  auto texts = lines.take();
  if (texts.empty()) texts.emplace_back();
  PresenceHead part = head(PresenceNoteKind::snapshot);
  part.parts = texts.size();
  for (const auto& text : texts) {
    out.push_back(encode(part, text));
    ++part.part;
  }
}

// PresenceTable: one announcer, a peer for each start of another node, and the times of the protocol. The bus may lose,
// repeat and reorder notes:
// - A beat every 500 ms names the current version, so a lost delta is noticed even if no other follows.
// - A node answers `want` to all nodes at once and at most every 200 ms, because many nodes often miss the same note.
// - A node without a sign of life for 4 s is gone, and so are its people.
// - `bye` removes the people of a node at once. Its peer stays for 10 s without people, so that an older note that
//   comes later does not bring them back.
//
// A large announcement is sent in portions: at most 8 notes of 64 KiB every 10 ms, so presence never crowds out updates
// on the bus. While more than 64 notes wait, new changes stay in the announcer and are merged there.
//
// After a pause of its own (a stopped process) a node must not declare the others dead: their notes still wait to be
// read. `forgive_pause` extends every lease by the length of the pause.

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kNotesAtOnce = 8;    // at most 512 KiB
constexpr milliseconds kNotesPause{10};    // between two portions
constexpr std::size_t kNotesWaiting = 64;  // with this many notes waiting, new changes are not announced yet
constexpr milliseconds kAnswerPause{200};  // between two answers to `want`
constexpr milliseconds kOwnPause{250};     // a tick that is later than this means that the process stood still

}  // namespace

void PresenceTable::enter(const PresenceEntry& entry) {
  if (mine_.enter(entry)) people_.add(entry);
}

void PresenceTable::leave(const PresenceEntry& entry) {
  if (mine_.leave(entry)) people_.remove(entry);
}

bool PresenceTable::is_me(const PresenceHead& head) const {
  return head.incarnation == mine_.self().incarnation && head.node == mine_.self().node;
}

bool PresenceTable::receive(std::string_view text, Time now) {
  const auto note = decode_presence(text);
  if (!note) return false;
  const bool to_me = note->head.kind == PresenceNoteKind::want;
  if (is_me(note->head)) {
    if (to_me) answer(note->head.version, now);
  } else if (!to_me) {
    hear(*note, now);
  }
  return true;
}

/// The peer of a note's sender, a new one if it is unknown. Null: its notes are ignored.
PresenceTable::Peer* PresenceTable::peer_of(const PresenceHead& head) {
  const PeerKey key{head.node, head.incarnation};
  const auto found = peers_.find(key);
  if (found != peers_.end()) return found->second.left ? nullptr : &found->second;
  if (peers_.size() >= options_.most_peers) return nullptr;
  beat_due_ = Time::min();  // a new node should learn of this one soon
  return &peers_.emplace(key, Peer{PresencePeer{people_, options_.most_people}}).first->second;
}

void PresenceTable::hear(const PresenceNote& note, Time now) {
  Peer* const peer = peer_of(note.head);
  if (peer == nullptr) return;
  peer->lease_end = now + options_.lease;
  switch (note.head.kind) {
    case PresenceNoteKind::delta:
      peer->state.on_delta(note);
      break;
    case PresenceNoteKind::snapshot:
      peer->state.on_snapshot(note);
      break;
    case PresenceNoteKind::bye:
      peer->state.clear();
      peer->left = true;
      peer->lease_end = now + options_.farewell;
      return;
    default:
      peer->state.on_beat(note.head.version);
  }
  ask({note.head.node, note.head.incarnation}, *peer, now);
}

void PresenceTable::ask(const PeerKey& key, Peer& peer, Time now) {
  if (peer.left || !peer.state.behind() || now < peer.want_due || closed_) return;
  peer.want_due = now + options_.want_again;
  notes_.push_back(encode(PresenceHead{PresenceNoteKind::want, key.first, key.second, peer.state.version()}));
}

/// All nodes get the answer, so one answer serves several requests. A node that needs another one asks again.
void PresenceTable::answer(std::uint64_t version, Time now) {
  if (closed_ || now < answer_due_ || notes_.size() > kNotesAtOnce) return;
  answer_due_ = now + kAnswerPause;
  mine_.answer(version, notes_);
}

void PresenceTable::tick(Time now) {
  forgive_pause(now);
  end_leases(now);
  if (may_announce() && now >= announce_due_) {
    announce_due_ = now + options_.gather;
    mine_.announce(notes_);
  }
  if (!closed_ && now >= beat_due_) {
    beat_due_ = now + options_.beat;
    notes_.push_back(mine_.beat());
  }
  for (auto& [key, peer] : peers_) ask(key, peer, now);
  promised_ = now + options_.beat;
}

/// A tick that is very late means that this process stood still: all leases grow by the pause.
void PresenceTable::forgive_pause(Time now) {
  if (now < promised_ || now - promised_ < kOwnPause) return;
  for (auto& [key, peer] : peers_) peer.lease_end += now - promised_;
}

void PresenceTable::end_leases(Time now) {
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    const auto next = std::next(peer);
    if (peer->second.lease_end <= now) {
      peer->second.state.clear();
      peers_.erase(peer);
    }
    peer = next;
  }
}

bool PresenceTable::may_announce() const { return !closed_ && mine_.restless() && notes_.size() < kNotesWaiting; }

PresenceTable::Time PresenceTable::next_due() const {
  Time due = closed_ ? Time::max() : beat_due_;
  if (may_announce()) due = std::min(due, announce_due_);
  if (!notes_.empty()) due = std::min(due, notes_due_);
  for (const auto& [key, peer] : peers_) {
    due = std::min(due, peer.lease_end);
    if (peer.state.behind() && !peer.left && !closed_) due = std::min(due, peer.want_due);
  }
  return due;
}

std::vector<std::string> PresenceTable::close() {
  if (std::exchange(closed_, true)) return {};
  mine_.announce(notes_);
  notes_.push_back(mine_.bye());
  const auto notes = std::exchange(notes_, {});
  return {notes.begin(), notes.end()};
}

std::vector<std::string> PresenceTable::take_notes(Time now) {
  std::vector<std::string> taken;
  if (now < notes_due_) return taken;
  for (; !notes_.empty() && taken.size() < kNotesAtOnce; notes_.pop_front()) taken.push_back(std::move(notes_.front()));
  if (!taken.empty()) notes_due_ = now + kNotesPause;
  return taken;
}

std::size_t PresenceTable::nodes() const {
  return static_cast<std::size_t>(
      std::count_if(peers_.begin(), peers_.end(), [](const auto& peer) { return !peer.second.left; }));
}

}  // namespace danwa::presence
