#include "adapters/presence/presence_announcer.hpp"

#include <cassert>

namespace danwa::adapters {

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

}  // namespace danwa::adapters
