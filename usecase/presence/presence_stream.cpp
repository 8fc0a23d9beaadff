#include "usecase/presence/presence_stream.hpp"

#include <algorithm>

namespace danwa::presence {

// Presence has no log, so each node is the truth about its own people. It tells another node only of the people in
// conversations which that node wants to know. So each pair of nodes has a stream of its own, in which both the wishes
// of the sender and its people travel. A lost note of either is noticed and repaired in the same way.
//
//     stream, at v:   a change: sends "delta v", then at v + 1; keeps the newest 64 KiB of deltas
//
//     replica, at v:  up to date ──a delta or beat above v──> behind: sends "want v"
//                       ^  │  ^                                  │
//            "delta v": └──┘  └── the deltas from v, or ─────────┘
//          then at v + 1          everything as a snapshot
//
// Numbers and beats take the place of a periodic snapshot: two nodes whose versions agree have nothing to tell.
//
// `heard` closes the circle. A node that begins to want a conversation sends this as delta w. The other node puts its
// people there into its own stream, and names `heard` above w from then on. A replica which has that part of the stream
// knows that it sees everybody.

void PresenceStream::announce(const PresenceChanges& news, std::uint64_t heard, bool full, Notes& out) {
  if (!started_) return;
  const bool asked = !turned_.empty();
  const auto changes = select(news, full);
  const bool done = turned_.empty();
  const bool silent = changes.size() == 0;
  send(changes, done ? heard : heard_, out);
  if (done) ready_ = true;
  if (silent && asked && done) out.push_back(beat());
}

PresenceChanges PresenceStream::select(const PresenceChanges& news, bool full) {
  PresenceChanges changes;
  just_included_.clear();
  if (std::exchange(first_, false)) {
    changes.wanted.assign(source_.wanted().begin(), source_.wanted().end());
  } else {
    changes.wanted = news.wanted;
    changes.unwanted = news.unwanted;
  }
  while (!full && !turned_.empty() && changes.came.size() < PresenceSource::kAtOnce) {
    const auto next = turned_.extract(turned_.begin());
    turn(next.key(), next.mapped(), news, changes);
  }
  filter(news, changes);
  std::sort(changes.came.begin(), changes.came.end());
  return changes;
}

void PresenceStream::turn(const domain::ChannelKey& channel, bool wanted, const PresenceChanges& news,
                          PresenceChanges& changes) {
  if (wanted) {
    if (!included_.insert(channel).second) return;
    just_included_.insert(channel);
    return append_people(channel, changes.came);
  }
  if (included_.erase(channel) == 0) return;
  const auto was_here = [&](const PresenceEntry& entry) { return entry.first == channel; };
  const bool told = source_.people(channel) != nullptr || std::any_of(news.left.begin(), news.left.end(), was_here);
  if (told) changes.closed.push_back(channel);
}

void PresenceStream::filter(const PresenceChanges& news, PresenceChanges& changes) const {
  const auto concerns = [this](const PresenceEntry& entry) {
    return included_.contains(entry.first) && !just_included_.contains(entry.first);
  };
  std::copy_if(news.left.begin(), news.left.end(), std::back_inserter(changes.left), concerns);
  std::copy_if(news.came.begin(), news.came.end(), std::back_inserter(changes.came), concerns);
}

void PresenceStream::append_people(const domain::ChannelKey& channel, std::vector<PresenceEntry>& out) const {
  const auto* const people = source_.people(channel);
  if (people == nullptr) return;
  for (const auto& user : *people) out.emplace_back(channel, user);
}

/// Only the last note names the new `heard`, because only with it everything is told.
void PresenceStream::send(const PresenceChanges& changes, std::uint64_t heard, Notes& out) {
  const auto texts = lines_of(changes);
  for (const auto& text : texts) {
    if (&text == &texts.back()) heard_ = heard;
    out.push_back(encode(head(PresenceNoteKind::delta), text));
    remember(version_++, out.back());
  }
  heard_ = heard;
}

/// Bounded in bytes. A node that misses more than is kept gets a snapshot, so nothing depends on the size.
void PresenceStream::remember(std::uint64_t from, const std::string& note) {
  history_.push_back({from, note});
  history_bytes_ += note.size();
  while (history_bytes_ > kHistory) {
    history_bytes_ -= history_.front().note.size();
    history_.pop_front();
  }
}

std::string PresenceStream::beat() const { return encode({{PresenceNoteKind::beat, from_}, {}, {state()}}); }

void PresenceStream::answer(std::uint64_t version, Notes& out) const {
  if (!ready_) return;
  if (version == version_) return out.push_back(beat());
  if (version > version_ || history_.empty() || version < history_.front().from) return snapshot(out);
  for (const auto& delta : history_) {
    if (delta.from >= version) out.push_back(delta.note);
  }
}

void PresenceStream::snapshot(Notes& out) const {
  PresenceChanges all;
  all.wanted.assign(source_.wanted().begin(), source_.wanted().end());
  for (const auto& channel : included_) append_people(channel, all.came);
  auto texts = lines_of(all);
  if (texts.empty()) texts.emplace_back();
  PresenceHead part = head(PresenceNoteKind::snapshot);
  part.parts = texts.size();
  for (const auto& text : texts) {
    out.push_back(encode(part, text));
    ++part.part;
  }
}

}  // namespace danwa::presence
