#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "domain/core/result.hpp"
#include "sim_log.hpp"
#include "sim_node.hpp"
#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::simulation {

/// Nodes, watchers, bus, tail, log and clients in one thread and in virtual time.
class World {
 public:
  explicit World(std::uint64_t seed) : dice{seed}, faults{Faults::roll(dice)}, rooms_{1 + dice.below(Log::kRooms)} {
    delivery::RouterTable::Options options;
    options.replicas = true;
    if (dice.chance(40)) options.tail.frames = 16 + dice.below(16);
    if (dice.chance(25)) options.caches = {4096 + dice.below(16'384), 1 + dice.below(3)};
    if (dice.chance(50)) options.crowd = dice.below(3);
    for (std::size_t c = 0; c < Log::kChannels; ++c) {
      for (auto n = dice.below(60); n > 0; --n) log.add(c, Time{});
    }
    const auto count = 1 + dice.below(2);
    for (std::uint64_t i = 0; i < count; ++i) {
      nodes.push_back(std::make_unique<SimNode>("node-" + std::to_string(i), options));
      nodes.back()->tail_seen.assign(Log::kChannels, 0);
      look(*nodes.back());
    }
    for (auto n = 1 + dice.below(8); n > 0; --n) time.after(dice.up_to(milliseconds{200}), [this] { join({}); });
  }

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      step();
      check_rights();
      time.run_until(time.now() + dice.up_to(milliseconds{dice.chance(5) ? 80 : 4}));
    }
    faults = Faults{};
    time.run_until(time.now() + milliseconds{2000});
  }

  /// With the faults off all is whole (liveness), and the figures tell it.
  void check_whole() {
    for (auto& node : nodes) {
      std::int64_t entries = 0;
      std::set<domain::ChannelKey> watched;
      for (auto& w : node->watchers) {
        for (const auto& place : w->transport.places()) {
          check_whole(w->transport, place);
          watched.insert(Log::key(place.channel));
          ++entries;
        }
      }
      expect(node->metrics.watchers_live.value() == static_cast<std::int64_t>(node->watchers.size()), "watchers_live");
      expect(node->metrics.watchers_behind.value() == 0, "watchers_behind");
      expect(node->metrics.router_entries.value() == entries, "router_entries");
      expect(node->watched == watched, "channels told as watched");
    }
    check_rights();
  }

  void check_empty_after_leaving() {
    for (auto& node : nodes) {
      while (!node->watchers.empty()) leave(node->watchers.back());
      time.run_until(time.now() + milliseconds{500});
      expect(node->metrics.router_entries.value() == 0, "router_entries after all left");
      expect(node->watched.empty(), "channels told as watched after all left");
      expect(node->metrics.watchers_live.value() + node->metrics.watchers_behind.value() == 0,
             "watchers after all left");
      expect(node->metrics.cached_channels.value() == static_cast<std::int64_t>(node->table.channels()),
             "cached channels");
    }
  }

  Dice dice;
  Faults faults;
  Timeline time;
  Log log;
  std::vector<std::unique_ptr<SimNode>> nodes;

 private:
  static void expect(bool holds, const char* what) {
    if (!holds) throw std::logic_error(std::string{"wrong figure: "} + what);
  }

  void check_whole(const CheckedTransport& transport, const CheckedTransport::Place& place) const {
    const auto head = log.head(place.channel);
    if (transport.started() && transport.epoch() == log.present().epoch && place.next == head + 1) return;
    throw std::logic_error("not whole at the end: next " + std::to_string(place.next) + ", head " +
                           std::to_string(head) + ", channel " + std::to_string(place.channel));
  }

  /// Who has lost the right is out within a second, however slowly they read.
  void check_rights() const {
    for (const auto& node : nodes) {
      for (const auto& w : node->watchers) {
        const auto& guard = w->transport.watch().guard;
        if (!guard) continue;
        const auto since = log.revoked_since(w->transport.places().front().channel, Log::number_of(guard->user));
        if (!since || time.now() - std::max(*since, w->transport.since()) < std::chrono::seconds{1}) continue;
        throw std::logic_error("still watches a second after the right was lost: " + guard->user.value());
      }
    }
  }

  std::size_t any_channel() { return dice.chance(60) ? dice.below(rooms_) : Log::kRooms + dice.below(Log::kInboxes); }

  void step() {
    const auto channel = any_channel();
    if (faults.restores > 0 && dice.chance(1)) {
      --faults.restores;
      log.restore(dice, time.now());
      return;
    }
    for (auto burst = dice.chance(6) ? dice.below(60) : 1; burst > 0; --burst) post(channel);
    if (dice.chance(10)) publish(log.change_membership(dice.below(rooms_), dice, time.now()));
    if (dice.chance(5)) tell_presence(channel);
    if (dice.chance(4)) join({});
    if (dice.chance(3)) {
      auto& node = *nodes[dice.below(nodes.size())];
      node.table.check_log(Log::key(channel));
      carry_out(node);
    }
    if (dice.chance(faults.leave)) {
      auto& node = *nodes[dice.below(nodes.size())];
      if (!node.watchers.empty()) reconnect(node.watchers[dice.below(node.watchers.size())]);
    }
  }

  void post(std::size_t channel) {
    const auto kind = dice.below(10);
    publish(kind < 7 ? log.add(channel, time.now()) : log.change(channel, kind == 9, dice, time.now()));
  }

  void tell_presence(std::size_t channel) {
    const auto frame = tests::ephemeral(Log::key(channel));
    for (auto& node : nodes) {
      node->table.announce(frame, time.now());
      carry_out(*node);
    }
  }

  void publish(const delivery::FramePtr& frame) {
    if (!frame || faults.tail_only) return;
    for (auto& node : nodes) {
      if (dice.chance(faults.drop)) continue;
      for (int copies = dice.chance(faults.duplicate) ? 2 : 1; copies > 0; --copies) {
        time.after(dice.up_to(faults.bus_delay), [this, n = node.get(), frame] {
          n->table.announce(frame, time.now());
          carry_out(*n);
        });
      }
    }
  }

  /// The log's tail of a node looks every 50 ms.
  void look(SimNode& node) {
    if (node.tail_epoch != log.present().epoch) {
      node.tail_epoch = log.present().epoch;
      node.table.on_epoch(node.tail_epoch);
      node.tail_seen.assign(Log::kChannels, 0);
    }
    for (std::size_t c = 0; c < Log::kChannels; ++c) {
      if (node.tail_seen[c] == log.head(c)) continue;
      node.tail_seen[c] = log.head(c);
      node.table.on_growth({Log::key(c), log.head(c)}, time.now());
    }
    carry_out(node);
    time.after(milliseconds{50}, [this, &node] { look(node); });
  }

  std::optional<domain::Cursor> some_cursor(std::size_t channel) {
    if (!dice.chance(60)) return std::nullopt;
    domain::Cursor after{std::nullopt, dice.below(log.head(channel) + 1)};
    if (dice.chance(50)) after.epoch = log.present().epoch;
    if (dice.chance(5)) after.seq += 1000;
    return after;
  }

  /// A room, by somebody who needs the right or by anybody; or some inboxes as one.
  usecase::Watch some_watch() {
    usecase::Watch watch;
    if (dice.chance(30)) watch.delivery = usecase::Delivery::latest;
    watch.merged = dice.chance(35);
    const auto room = dice.below(rooms_);
    if (!watch.merged) watch.channels.push_back({Log::key(room), some_cursor(room)});
    for (auto c = Log::kRooms; watch.merged && c < Log::kChannels; ++c) {
      if (!watch.channels.empty() && dice.chance(25)) continue;
      watch.channels.push_back({Log::key(c), some_cursor(c)});
    }
    if (watch.merged || dice.chance(40)) return watch;
    watch.guard =
        usecase::AccessGuard{domain::CompanyId::trusted("demo"), domain::ConversationKey::trusted(Log::key(room).key),
                             Log::member(dice.below(Log::kMembers)), 0};
    return watch;
  }

  void join(std::optional<usecase::Watch> again) {
    auto watch = again ? std::move(*again) : some_watch();
    if (watch.guard) {
      const auto found = log.look_up(Log::index(watch.channel()), Log::number_of(watch.guard->user));
      if (!found.allowed) return;
      watch.guard->checked_through = found.checked_through;
      watch.guard->epoch = found.epoch;
      if (dice.chance(50)) watch.channels.front().head = domain::Cursor{found.epoch, found.checked_through};
    }
    time.after(dice.up_to(milliseconds{dice.chance(20) ? 50 : 1}), [this, watch] { enter(watch); });
  }

  void enter(const usecase::Watch& watch) {
    auto who = SimWatcher::make(log, *nodes[dice.below(nodes.size())], watch, time.now());
    who->node.watchers.push_back(who);
    for (const auto& each : who->registrations) {
      to_router(who, [this, who, each] {
        who->node.table.watch(each, time.now(), who->node.tail_seen[Log::index(each->watch().channel)]);
      });
    }
    ready_later(who);
  }

  void reconnect(const std::shared_ptr<SimWatcher>& who) {
    leave(who);
    time.after(dice.up_to(milliseconds{50}), [this, watch = who->transport.again()] { join(watch); });
  }

  void leave(std::shared_ptr<SimWatcher> who) {
    who->gone = true;
    std::erase(who->node.watchers, who);
    for (const auto& each : who->registrations) {
      to_router(who, [this, who, each] { who->node.table.unwatch(each); });
    }
  }

  template <class Action>
  void to_router(const std::shared_ptr<SimWatcher>& who, Action action) {
    who->outbox = std::max(who->outbox, time.now() + dice.up_to(microseconds{300}));
    time.at(who->outbox, [this, who, action] {
      action();
      carry_out(who->node);
    });
  }

  template <class Event>
  void to_watcher(const delivery::RegistrationPtr& to, Event event) {
    const auto who = static_cast<const SimRegistration&>(*to).who.lock();
    if (!who) return;
    who->inbox = std::max(who->inbox, time.now() + dice.up_to(microseconds{300}));
    time.at(who->inbox, [this, who, event] {
      if (!who->gone) take(who, event);
    });
  }

  /// As the subscriber's actor does.
  template <class Event>
  void take(const std::shared_ptr<SimWatcher>& who, Event event) {
    delivery::take_event(who->subscriber, who->signal, event,
                         [this, who](delivery::Subscriber::Outcome outcome) { act(who, std::move(outcome)); });
  }

  void act(const std::shared_ptr<SimWatcher>& who, delivery::Subscriber::Outcome outcome) {
    if (outcome.end) return reconnect(who);  // who was shut out finds the transport closed
    if (outcome.check) look_up(who, *outcome.check);
    if (outcome.read) {
      to_router(who, [who, r = *outcome.read] { who->node.table.read_page(who->registrations[r.slot], r); });
    }
    if (outcome.deliver.empty()) return;
    who->transport.take(outcome.deliver, time.now());
    time.after(dice.up_to(microseconds{200}), [this, who, batch = std::move(outcome.deliver)] {
      if (who->gone) return;
      who->transport.write(batch, time.now());
      ready_later(who);
    });
  }

  /// On the master; while that cannot be reached, again.
  void look_up(const std::shared_ptr<SimWatcher>& who, std::uint32_t check) {
    const auto& guard = who->subscriber.guard();
    const bool fails = dice.chance(faults.read_failure);
    time.after(dice.up_to(faults.read_delay), [this, who, check, fails, &guard] {
      if (who->gone) return;
      if (fails) return look_up(who, check);
      const auto found = log.look_up(Log::index(who->transport.watch().channel()), Log::number_of(guard.user));
      time.after(dice.up_to(faults.read_delay), [this, who, check, found] {
        if (who->gone) return;
        take(who, [check, found](delivery::Subscriber& s) { return s.access(check, found); });
      });
    });
  }

  void ready_later(const std::shared_ptr<SimWatcher>& who) {
    const auto most = dice.chance(faults.slow_transport) ? milliseconds{400} : milliseconds{1};
    time.after(dice.up_to(most), [this, who] {
      if (who->gone) return;
      who->transport.said_ready();
      if (!who->signal.raise()) return;
      time.after(dice.up_to(microseconds{300}), [this, who] {
        if (!who->gone) take(who, delivery::no_event);
      });
    });
  }

  void carry_out(SimNode& node) {
    auto effects = std::exchange(node.table.effects(), {});
    for (auto& effect : effects) std::visit([&](auto& e) { carry_out(node, e); }, effect);
    if (node.table.gathered() && !std::exchange(node.flush_planned, true)) {
      time.after(dice.up_to(microseconds{100}), [this, &node] {
        node.flush_planned = false;
        node.table.flush();
        carry_out(node);
      });
    }
    const auto due = node.table.next_due();
    if (due && *due < node.tick_planned) {
      node.tick_planned = *due;
      time.at(*due, [this, &node] {
        node.tick_planned = Time::max();
        node.table.tick(time.now());
        carry_out(node);
      });
    }
  }

  void carry_out(SimNode& node, delivery::Announce& e) {
    auto frames = std::make_shared<delivery::FrameBatch>(std::move(e.frames));
    for (const auto& to : *e.to) to_watcher(to, [frames](delivery::Subscriber& s) { return s.announced(*frames); });
    if (!e.crowd) return;
    const auto most = dice.chance(faults.slow_transport) ? milliseconds{100} : milliseconds{1};
    time.after(dice.up_to(most), [this, &node, channel = *e.crowd] {
      node.table.on_announced(channel);
      carry_out(node);
    });
  }
  void carry_out(SimNode&, delivery::StartWatch& e) {
    to_watcher(e.to, [e](delivery::Subscriber& s) { return s.started(e.epoch, e.head, e.reset, e.to->slot()); });
  }
  void carry_out(SimNode&, delivery::RestartWatches& e) {
    for (const auto& to : *e.to) {
      to_watcher(to, [slot = to->slot()](delivery::Subscriber& s) { return s.restarted(slot); });
    }
  }
  void carry_out(SimNode&, delivery::GivePage& e) {
    to_watcher(e.to, [page = e.page, slot = e.to->slot()](delivery::Subscriber& s) { return s.page(page, slot); });
  }
  void carry_out(SimNode&, delivery::CloseWatch& e) {
    to_watcher(e.to, [](delivery::Subscriber& s) { return s.log_unavailable(); });
  }

  void carry_out(SimNode& node, delivery::ChannelWatched& e) {
    expect(node.watched.insert(e.channel).second, "a channel was watched before");
  }
  void carry_out(SimNode& node, delivery::ChannelUnwatched& e) {
    expect(node.watched.erase(e.channel) == 1, "a channel was not watched before");
  }

  /// A read looks at the log at one moment of its duration; a replica shows an older moment.
  template <class Answer>
  void read(usecase::ReadFrom from, Answer answer) {
    const auto before = dice.up_to(faults.read_delay), behind = dice.up_to(faults.read_delay);
    const bool fails = dice.chance(faults.read_failure);
    time.after(before, [this, from, behind, fails, answer] {
      const auto lag = from == usecase::ReadFrom::replica ? dice.up_to(faults.replica_lag) : microseconds{0};
      time.after(behind, answer(time.now() - std::min<Time::duration>(lag, time.now() - Time{}), fails));
    });
  }
  void carry_out(SimNode& node, delivery::ReadHead& e) {
    read(e.from, [this, &node, e](Time view, bool fails) {
      return [this, &node, e, fails, head = log.read_head(Log::index(e.channel), view)] {
        node.table.on_head(e.token, fails ? std::nullopt : std::optional{head}, time.now());
        carry_out(node);
      };
    });
  }
  void carry_out(SimNode& node, delivery::ReadUpdateRange& e) {
    read(e.from, [this, &node, e](Time view, bool fails) {
      return [this, &node, e, fails, page = log.read(e, view)] {
        node.table.on_updates(e.token, fails ? std::nullopt : std::optional{page}, time.now());
        carry_out(node);
      };
    });
  }

  std::size_t rooms_;
};

}  // namespace danwa::simulation
