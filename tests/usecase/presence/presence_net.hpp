#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "people.hpp"

namespace danwa::tests {

/// A table, and the people of the others as it tells of them.
struct Node {
  explicit Node(const std::string& name, std::uint64_t incarnation = 1, presence::PresenceTable::Options options = {})
      : table{{name, incarnation}, options, people}, address{name + '-' + std::to_string(incarnation)} {}

  void enter(const presence::PresenceEntry& entry) { table.set_present(entry, true); }
  void leave(const presence::PresenceEntry& entry) { table.set_present(entry, false); }
  Names sees(const std::string& key = "lobby") const { return names_in(people, key); }

  presence::PresentPeople people;
  presence::PresenceTable table;
  std::string address;
};

/// Some nodes and the way between them: `run` lets time pass, and all that is said is heard at once.
struct Net {
  Net(std::initializer_list<Node*> all) : nodes{all} {}

  void run(milliseconds time) {
    for (const Time end = now + time; now < end; now += milliseconds{10}) {
      for (Node* node : nodes) deliver(*node, say(*node));
    }
  }
  std::vector<presence::OutgoingNote> say(Node& node) {
    node.table.tick(now);
    return node.table.take_notes(now);
  }
  void deliver(Node& from, const std::vector<presence::OutgoingNote>& notes) {
    for (const auto& [to, note] : notes) {
      for (Node* node : nodes) {
        if (node == &from || (!to.empty() && to != node->address)) continue;
        heard[node] += note + '\n';
        EXPECT_TRUE(node->table.receive(from.address, note, now)) << note;
      }
    }
  }
  /// Time passes for one node alone; nobody hears it.
  void run_alone(Node& node, milliseconds time, milliseconds pace = milliseconds{100}) {
    for (const Time end = now + time; now < end; now += pace) say(node);
  }

  std::vector<Node*> nodes;
  std::map<Node*, std::string> heard;  // every note
  Time now = start_time();
};

/// Two nodes that want to know the lobby and know each other.
struct Pair : Net {
  explicit Pair(presence::PresenceTable::Options of_a = {}) : Net{&a, &b}, a{"a", 1, of_a} {
    for (Node* node : nodes) node->table.set_wanted(room(), true, now);
    run(milliseconds{200});
  }
  Node a;
  Node b{"b"};
};

}  // namespace danwa::tests
