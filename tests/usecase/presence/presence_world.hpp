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

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/updates/update_json.hpp"
#include "people.hpp"
#include "usecase/presence/presence_hub.hpp"

namespace danwa::tests {

/// Some nodes with their hubs and a network that loses, repeats and reorders what they say; a node can be killed,
/// started again, and stopped for a while. It knows who is really there, and throws when a node shows somebody who
/// cannot be there, or loses somebody whom it has shown and who has not gone, or lets a reader wait.
class PresenceWorld {
 public:
  static constexpr std::size_t kNodes = 4;
  static constexpr milliseconds kTick{50};
  static constexpr milliseconds kMaxDelay{300};
  static constexpr milliseconds kMaxPause{2'000};
  static constexpr milliseconds kGone{5'000};     // after a kill nobody is shown any more
  static constexpr milliseconds kSettled{3'000};  // a watch of this length is shown everybody, and nobody flickers
  static constexpr milliseconds kForgotten{31'000};

  explicit PresenceWorld(unsigned seed) : random_{seed} {
    for (std::size_t i = 0; i < kNodes; ++i) start(i);
  }

  void start(std::size_t i) {
    if (nodes_[i].parts) return;
    nodes_[i].parts = std::make_unique<Parts>("node-" + std::to_string(i), random_() + 1UL);
    nodes_[i].started_at = now_;
  }
  void kill(std::size_t i) {
    auto& node = nodes_[i];
    if (!node.parts) return;
    node.parts->end_reads();
    node = Node{};
    node.killed_at = now_;
    node.still_then = still_;
    for (auto& other : nodes_) other.shown.erase(i);
  }
  void close(std::size_t i) {
    if (!running(i)) return;
    nodes_[i].parts->hub.close();
    send_all(i, false);
    if (!nodes_[i].parts->reads_answered()) fail("a reader waits for a closed node", i);
    kill(i);
  }
  /// At most every other time.
  void pause(std::size_t i, milliseconds time) {
    auto& until = nodes_[i].paused_until;
    if (now_ > until + kMaxPause) until = now_ + std::min(time, kMaxPause);
  }

  void enter(std::size_t i, const presence::PresenceEntry& entry) {
    if (!running(i)) return;
    nodes_[i].parts->hub.begin(entry.first, entry.second);
    nodes_[i].watches.insert(entry);
    nodes_[i].watched_since.try_emplace(entry.first.key, now_);
  }
  void leave(std::size_t i, std::size_t which) {
    auto& node = nodes_[i];
    if (!running(i) || node.watches.empty()) return;
    const auto watch = std::next(node.watches.begin(), static_cast<long>(which % node.watches.size()));
    const auto entry = *watch;
    node.parts->hub.end(entry.first, entry.second);
    node.watches.erase(watch);
    if (!watched(node, entry.first)) end_watch(i, entry.first);
    if (node.watches.contains(entry)) return;
    node.left[entry] = {now_, still_};
    for (auto& other : nodes_) other.shown[i].erase(entry);
  }
  /// Somebody without a name begins, or ends, a watch.
  void look(std::size_t i, const domain::ChannelKey& channel) {
    if (!running(i)) return;
    nodes_[i].parts->hub.begin(channel, std::nullopt);
    nodes_[i].looks.insert(channel);
    nodes_[i].watched_since.try_emplace(channel.key, now_);
  }
  void look_away(std::size_t i, const domain::ChannelKey& channel) {
    auto& node = nodes_[i];
    const auto look = node.looks.find(channel);
    if (!running(i) || look == node.looks.end()) return;
    node.parts->hub.end(channel, std::nullopt);
    node.looks.erase(look);
    if (!watched(node, channel)) end_watch(i, channel);
  }
  void read(std::size_t i, const domain::ChannelKey& channel) {
    if (running(i)) nodes_[i].parts->read(channel, now_ + presence::PresenceCoverage::kPatience + kTick);
  }

  void set_loss(unsigned percent) { loss_ = percent; }

  void run(milliseconds time, milliseconds pace = kTick) {
    for (const Time end = now_ + time; now_ < end; now_ += pace) {
      for (std::size_t i = 0; i < kNodes; ++i) tick(i);
      for (std::size_t i = 0; i < kNodes; ++i) check(i, pace);
    }
  }

  /// Everybody who is there, by the truth and by each node; and nobody in conversations that a node does not watch.
  void check_agreement() {
    std::set<presence::PresenceEntry> there;
    for (const auto& node : nodes_) there.insert(node.watches.begin(), node.watches.end());
    for (std::size_t i = 0; i < kNodes; ++i) {
      if (nodes_[i].parts) check_agreement(i, there);
    }
  }

 private:
  using Entries = std::set<presence::PresenceEntry>;
  using Still = std::array<milliseconds, kNodes>;  // how long each node has stood still in all

  struct Outbox final : delivery::PeerBus {
    void broadcast(delivery::FramePtr) override {}
    void broadcast_presence(std::string note) override { notes.push_back({{}, std::move(note)}); }
    void tell(const delivery::PeerAddress& to, std::string note) override { notes.push_back({to, std::move(note)}); }
    std::vector<presence::OutgoingNote> notes;
  };
  struct Watchers final : delivery::BusListener {
    void on_updates(std::vector<delivery::LoggedUpdate>) override {}
    void on_frame(delivery::FramePtr) override {}
    void on_presence(delivery::PeerAddress, std::string) override {}
    void check_log(const domain::ChannelKey&) override {}
    void look_at_log_everywhere() override {}
  };
  struct Parts {
    Parts(const std::string& name, std::uint64_t incarnation)
        : address{name + '-' + std::to_string(incarnation)},
          hub{{.self = {name, incarnation}, .figures = figures, .encoder = adapters::json_frames()}} {
      hub.connect(&bus, watchers);
    }
    void read(const domain::ChannelKey& channel, Time until) {
      reads.emplace(++last_read, until);
      const auto answered = [this, number = last_read](const std::exception_ptr&, const usecase::Presence::Page&) {
        reads.erase(number);
      };
      boost::asio::co_spawn(io, hub.present(channel, std::nullopt, 100), answered);
    }
    bool reads_answered() {
      io.restart();
      io.poll();
      return reads.empty();
    }
    /// A reader has waited longer than it may. A node that stood still is forgiven.
    bool keeps_waiting(Time now, milliseconds still) {
      reads_answered();
      for (auto& [number, until] : reads) until += still;
      return std::any_of(reads.begin(), reads.end(), [now](const auto& read) { return read.second < now; });
    }
    void end_reads() {
      hub.close();
      reads_answered();
    }

    std::string address;
    delivery::DeliveryFigures figures;
    Outbox bus;
    Watchers watchers;
    boost::asio::io_context io;
    std::map<int, Time> reads;  // that wait, and until when they may
    int last_read = 0;
    presence::PresenceHub hub;
  };

  struct Node {
    std::unique_ptr<Parts> parts;  // null: killed
    std::multiset<presence::PresenceEntry> watches;
    std::multiset<domain::ChannelKey> looks;
    std::map<std::string, Time> watched_since;                       // of conversations that are watched
    std::map<presence::PresenceEntry, std::pair<Time, Still>> left;  // when they last went
    Time started_at{};
    Time killed_at{};
    Time paused_until{};
    Still still_then{};                      // when it was killed
    std::map<std::size_t, Entries> shown;    // of whom a node has shown: must stay until they leave
    std::map<std::size_t, Time> heard_life;  // when a sign of life of that node was last let through
  };
  struct AddressedCommand {
    std::size_t to;
    std::string to_address;  // of the start of the node that it is for: it never reaches a later one
    std::string from;
    std::string note;
  };

  [[noreturn]] static void fail(const std::string& what, std::size_t i) {
    throw std::logic_error{what + ", node " + std::to_string(i)};
  }

  bool running(std::size_t i) const { return nodes_[i].parts && now_ >= nodes_[i].paused_until; }
  unsigned random(unsigned below) { return static_cast<unsigned>(random_() % below); }

  static bool watched(const Node& node, const domain::ChannelKey& channel) {
    const auto here = [&](const presence::PresenceEntry& entry) { return entry.first == channel; };
    return node.looks.contains(channel) || std::any_of(node.watches.begin(), node.watches.end(), here);
  }
  void end_watch(std::size_t i, const domain::ChannelKey& channel) {
    nodes_[i].watched_since.erase(channel.key);
    for (auto& [of, entries] : nodes_[i].shown) {
      std::erase_if(entries, [&](const presence::PresenceEntry& entry) { return entry.first == channel; });
    }
  }

  /// Loses some, but not all signs of life for a whole second.
  bool lost(std::size_t from, std::size_t to, const std::string& note) {
    if (note.starts_with("2 want")) return random(100) < loss_;
    auto& heard = nodes_[to].heard_life[from];
    if (random(100) < loss_ && now_ - heard < milliseconds{900}) return true;
    heard = now_;
    return false;
  }

  void send_all(std::size_t from, bool may_be_lost = true) {
    for (const auto& note : std::exchange(nodes_[from].parts->bus.notes, {})) send(from, note, may_be_lost);
  }
  void send(std::size_t from, const presence::OutgoingNote& said, bool may_be_lost) {
    for (std::size_t to = 0; to < kNodes; ++to) {
      if (to == from || !nodes_[to].parts) continue;
      const std::string& address = nodes_[to].parts->address;
      if (!said.to.empty() && said.to != address) continue;
      if (may_be_lost && lost(from, to, said.note)) continue;
      const bool twice = random(10) == 0;
      for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
        const milliseconds delay{loss_ == 0 ? 1U : 1U + random(static_cast<unsigned>(kMaxDelay.count()))};
        commands_.emplace(now_ + delay, AddressedCommand{to, said.to, nodes_[from].parts->address, said.note});
      }
    }
  }

  void tick(std::size_t i) {
    if (!running(i)) return;
    auto& node = nodes_[i];
    for (auto command = commands_.begin(); command != commands_.end() && command->first <= now_;) {
      const auto next = std::next(command);
      const auto& [to, to_address, from, note] = command->second;
      if (to == i) {
        if (to_address.empty() || to_address == node.parts->address) node.parts->hub.on_presence(from, note);
        commands_.erase(command);
      }
      command = next;
    }
    node.parts->hub.step(now_);
    if (node.parts->figures.bus_unexpected.value() > 0) fail("a note was refused", i);
    send_all(i);
  }

  Entries shown_by(std::size_t i) const {
    Entries shown;
    for (const auto& key : kRooms) {
      const auto page = nodes_[i].parts->hub.known(room(key), std::nullopt, 1000);
      for (const auto& name : page ? names(page->users) : Names{}) shown.insert(in(key, name));
    }
    return shown;
  }

  void check_agreement(std::size_t i, const Entries& there) const {
    const Node& node = nodes_[i];
    Entries wanted;
    for (const auto& entry : there) {
      if (watched(node, entry.first)) wanted.insert(entry);
    }
    Entries shown;
    for (const auto& entry : shown_by(i)) {
      if (watched(node, entry.first)) shown.insert(entry);
    }
    if (shown != wanted) fail("a node disagrees with the truth", i);
    if (node.parts->figures.presence_entries.value() != static_cast<std::int64_t>(wanted.size())) {
      fail("a node holds people whom it does not want to know", i);
    }
    for (const auto& [key, since] : node.watched_since) check_frame(i, key, wanted);
  }

  /// The newest frame shows the truth, too.
  void check_frame(std::size_t i, const std::string& key, const Entries& wanted) const {
    const auto frame = nodes_[i].parts->hub.frame_of(room(key));
    Entries framed;
    for (const auto& name : names(std::get<delivery::PresenceChanged>(frame->content()).users)) {
      framed.insert(in(key, name));
    }
    const auto elsewhere = [&](const presence::PresenceEntry& entry) { return entry.first != room(key); };
    Entries expected = wanted;
    std::erase_if(expected, elsewhere);
    if (framed != expected) fail("the newest frame is old", i);
  }

  /// Of the people who are on one node only (their names say so): who was shown stays, who cannot be is not shown.
  void check(std::size_t i, milliseconds pace) {
    auto& node = nodes_[i];
    if (!running(i)) {
      still_[i] += pace;
      if (node.parts) node.parts->keeps_waiting(now_, pace);
      return;
    }
    if (node.parts->keeps_waiting(now_, {})) fail("a reader waits", i);
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
    if (home.parts && home.watches.contains(entry)) {
      // not an earlier coming of theirs
      if (gone && heard_of_leave(i, home, entry) && settled(i, entry.first)) nodes_[i].shown[*of].insert(entry);
    } else if (!home.parts && gone) {
      fail(entry.second.value() + " is shown long after the end of its node", i);
    }
  }

  bool settled(std::size_t i, const domain::ChannelKey& channel) const {
    const auto since = nodes_[i].watched_since.find(channel.key);
    return since != nodes_[i].watched_since.end() && now_ > since->second + kSettled + kMaxPause;
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
