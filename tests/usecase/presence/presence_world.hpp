#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "people.hpp"

namespace danwa::tests {

/// Some nodes with their tables and a network that loses, repeats and reorders what they say; a node can be
/// killed, started again, and stopped for a while. It knows who is really there, and throws when a table
/// shows somebody who cannot be there, or loses somebody whom it has shown and who has not gone.
class PresenceWorld {
 public:
  static constexpr std::size_t kNodes = 4;
  static constexpr milliseconds kTick{50};
  static constexpr milliseconds kMaxDelay{300};
  static constexpr milliseconds kMaxPause{2'000};
  static constexpr milliseconds kGone{5'000};  // after a kill nobody is shown any more

  explicit PresenceWorld(unsigned seed) : random_{seed} {
    for (std::size_t i = 0; i < kNodes; ++i) start(i);
  }

  void start(std::size_t i) {
    if (nodes_[i].table) return;
    nodes_[i].table = std::make_unique<presence::PresenceTable>(
        presence::PresenceSelf{"node-" + std::to_string(i), random_() + 1UL}, presence::PresenceTable::Options{});
    nodes_[i].started_at = now_;
  }
  void kill(std::size_t i) {
    auto& node = nodes_[i];
    if (!node.table) return;
    node = Node{};
    node.killed_at = now_;
    node.still_then = still_;
    for (auto& other : nodes_) other.shown.erase(i);
  }
  void close(std::size_t i) {
    if (!running(i)) return;
    for (const auto& note : nodes_[i].table->close()) send(i, note, false);
    kill(i);
  }
  /// At most every other time.
  void pause(std::size_t i, milliseconds time) {
    auto& until = nodes_[i].paused_until;
    if (now_ > until + kMaxPause) until = now_ + std::min(time, kMaxPause);
  }

  void enter(std::size_t i, const presence::PresenceEntry& entry) {
    if (!running(i)) return;
    nodes_[i].table->enter(entry);
    nodes_[i].watches.insert(entry);
  }
  void leave(std::size_t i, std::size_t which) {
    auto& node = nodes_[i];
    if (!running(i) || node.watches.empty()) return;
    const auto watch = std::next(node.watches.begin(), static_cast<long>(which % node.watches.size()));
    const auto entry = *watch;
    node.table->leave(entry);
    node.watches.erase(watch);
    if (node.watches.contains(entry)) return;
    node.left[entry] = {now_, still_};
    for (auto& other : nodes_) other.shown[i].erase(entry);
  }

  void set_loss(unsigned percent) { loss_ = percent; }

  void run(milliseconds time) {
    for (const Time end = now_ + time; now_ < end; now_ += kTick) {
      for (std::size_t i = 0; i < kNodes; ++i) tick(i);
      for (std::size_t i = 0; i < kNodes; ++i) check(i);
    }
  }

  /// Everybody who is there, by the truth and by each table.
  void check_agreement() {
    std::set<presence::PresenceEntry> there;
    for (const auto& node : nodes_) there.insert(node.watches.begin(), node.watches.end());
    for (std::size_t i = 0; i < kNodes; ++i) {
      if (nodes_[i].table && shown_by(i) != there) fail("a table disagrees with the truth", i);
    }
  }

 private:
  using Entries = std::set<presence::PresenceEntry>;
  using Still = std::array<milliseconds, kNodes>;  // how long each node has stood still in all

  struct Node {
    std::unique_ptr<presence::PresenceTable> table;  // null: killed
    std::multiset<presence::PresenceEntry> watches;
    std::map<presence::PresenceEntry, std::pair<Time, Still>> left;  // when they last went
    Time started_at{};
    Time killed_at{};
    Time paused_until{};
    Still still_then{};                      // when it was killed
    std::map<std::size_t, Entries> shown;    // of whom a table has shown: must stay until they leave
    std::map<std::size_t, Time> heard_life;  // when a sign of life of that node was last let through
  };
  struct AddressedCommand {
    std::size_t to;
    std::string note;
  };

  [[noreturn]] static void fail(const std::string& what, std::size_t i) {
    throw std::logic_error{what + ", node " + std::to_string(i)};
  }

  bool running(std::size_t i) const { return nodes_[i].table && now_ >= nodes_[i].paused_until; }
  unsigned random(unsigned below) { return static_cast<unsigned>(random_() % below); }

  /// Loses some, but not all signs of life for a whole second.
  bool lost(std::size_t from, std::size_t to, const std::string& note) {
    if (note.starts_with("1 want")) return random(100) < loss_;
    auto& heard = nodes_[to].heard_life[from];
    if (random(100) < loss_ && now_ - heard < milliseconds{900}) return true;
    heard = now_;
    return false;
  }

  void send(std::size_t from, const std::string& note, bool may_be_lost = true) {
    for (std::size_t to = 0; to < kNodes; ++to) {
      if (to == from || !nodes_[to].table || (may_be_lost && lost(from, to, note))) continue;
      const bool twice = random(10) == 0;
      for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
        const milliseconds delay{loss_ == 0 ? 1U : 1U + random(static_cast<unsigned>(kMaxDelay.count()))};
        commands_.emplace(now_ + delay, AddressedCommand{to, note});
      }
    }
  }

  void tick(std::size_t i) {
    if (!running(i)) return;
    auto& node = nodes_[i];
    for (auto command = commands_.begin(); command != commands_.end() && command->first <= now_;) {
      const auto next = std::next(command);
      if (command->second.to == i) {
        receive(i, command->second.note);
        commands_.erase(command);
      }
      command = next;
    }
    node.table->tick(now_);
    for (const auto& note : node.table->take_notes(now_)) send(i, note);
    node.table->take_changed();
  }

  /// Exactly the conversations are called changed whose people are others afterwards.
  void receive(std::size_t i, const std::string& note) {
    auto& table = *nodes_[i].table;
    table.take_changed();
    std::map<std::string, Names> before;
    for (const auto& key : kRooms) before[key] = names_in(table.people(), key);
    if (!table.receive(note, now_)) fail("a note was refused: " + note, i);
    const auto changed = table.take_changed();
    for (const auto& key : kRooms) {
      if ((before[key] != names_in(table.people(), key)) != changed.contains(room(key))) fail("wrong change", i);
    }
  }

  Entries shown_by(std::size_t i) const {
    Entries shown;
    for (const auto& key : kRooms) {
      for (const auto& name : names_in(nodes_[i].table->people(), key)) shown.insert(in(key, name));
    }
    return shown;
  }

  /// Of the people who are on one node only (their names say so): who was shown stays, who cannot be is not shown.
  void check(std::size_t i) {
    auto& node = nodes_[i];
    if (!running(i)) {
      still_[i] += kTick;
      return;
    }
    const auto shown = shown_by(i);
    for (std::size_t of = 0; of < kNodes; ++of) {
      for (const auto& entry : node.shown[of]) {
        if (!shown.contains(entry)) fail(entry.second.value() + " flickered", i);
      }
    }
    for (const auto& entry : shown) check_shown(i, entry);
  }

  void check_shown(std::size_t i, const presence::PresenceEntry& entry) {
    const auto of = home_of(entry.second.value());
    if (!of) return;
    const auto& home = nodes_[*of];
    const bool gone = now_ > home.killed_at + kGone + still_[i] - home.still_then[i];
    if (home.table && home.watches.contains(entry)) {
      if (gone && heard_of_leave(i, home, entry))
        nodes_[i].shown[*of].insert(entry);  // not an earlier coming of theirs
    } else if (!home.table && gone) {
      fail(entry.second.value() + " is shown long after the end of its node", i);
    }
  }

  /// Whoever comes back at once may still be shown for having been there before, and then go and come.
  bool heard_of_leave(std::size_t i, const Node& home, const presence::PresenceEntry& entry) const {
    const auto left = home.left.find(entry);
    if (left == home.left.end()) return true;
    const auto& [at, still] = left->second;
    return now_ > at + kGone + kMaxPause + still_[i] - still[i];
  }

  /// "n2-x" is on node 2 only; others may be anywhere.
  static std::optional<std::size_t> home_of(const std::string& name) {
    if (name.size() < 3 || name[0] != 'n' || name[2] != '-') return std::nullopt;
    return static_cast<std::size_t>(name[1] - '0');
  }

  static inline const std::vector<std::string> kRooms{"x", "y", "z"};

  std::mt19937 random_;
  Time now_ = start_time();
  std::array<Node, kNodes> nodes_;
  Still still_{};
  std::multimap<Time, AddressedCommand> commands_;
  unsigned loss_ = 30;
};

}  // namespace danwa::tests
