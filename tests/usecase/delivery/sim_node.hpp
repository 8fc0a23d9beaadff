#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim_log.hpp"
#include "sim_transport.hpp"
#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::simulation {

/// How hostile a run is. All of it comes from the seed.
struct Faults {
  unsigned drop = 0, duplicate = 0, read_failure = 0, slow_transport = 0, leave = 0;  // percent
  microseconds bus_delay{1000}, replica_lag{0}, read_delay{3000};
  bool tail_only = false;
  unsigned restores = 0;

  static Faults roll(Dice& dice) {
    Faults f;
    const unsigned level[] = {0, 0, 2, 10, 50};
    f.drop = level[dice.below(5)];
    f.duplicate = level[dice.below(4)];
    f.read_failure = dice.chance(15) ? 3 : 0;
    f.slow_transport = level[dice.below(5)];
    f.leave = static_cast<unsigned>(dice.below(4));
    f.bus_delay = microseconds{std::uint64_t{1000} << dice.below(6)};
    f.replica_lag = dice.chance(30) ? microseconds{dice.below(200'000)} : microseconds{0};
    f.read_delay = microseconds{std::uint64_t{500} << dice.below(8)};
    f.tail_only = dice.chance(10);
    f.restores = dice.chance(15) ? 1 : 0;
    return f;
  }
};

struct SimWatcher;

struct SimNode {
  SimNode(std::string node_name, delivery::RouterTable::Options options)
      : name{std::move(node_name)}, table{options, metrics} {}
  std::string name;
  delivery::DeliveryFigures metrics;
  delivery::RouterTable table;
  std::vector<std::shared_ptr<SimWatcher>> watchers;
  std::vector<domain::Seq> tail_seen;
  std::set<domain::ChannelKey> watched;  // as the bus was told
  domain::Epoch tail_epoch;
  bool flush_planned = false;
  Time tick_planned = Time::max();
};

/// One channel of a connection, as the router knows it.
struct SimRegistration : delivery::Registration {
  using Registration::Registration;
  std::weak_ptr<SimWatcher> who;
};

/// A connection: registrations, state machine and client, with a first-in first-out inbox of its own.
struct SimWatcher {
  SimWatcher(const Log& log, SimNode& n, usecase::Watch what, Time now)
      : node{n}, transport{log, what, now}, subscriber{what, n.name, adapters::json_frames(), n.metrics} {}

  static std::shared_ptr<SimWatcher> make(const Log& log, SimNode& node, const usecase::Watch& what, Time now) {
    auto who = std::make_shared<SimWatcher>(log, node, what, now);
    for (const auto& channel : what.channels) {
      const auto slot = static_cast<delivery::Slot>(who->registrations.size());
      who->registrations.push_back(std::make_shared<SimRegistration>(channel, slot));
      who->registrations.back()->who = who;
    }
    return who;
  }

  SimNode& node;
  CheckedTransport transport;
  delivery::Subscriber subscriber;
  delivery::ReadySignal signal;
  std::vector<std::shared_ptr<SimRegistration>> registrations;  // by slot
  Time inbox{};                                                 // nothing arrives before
  Time outbox{};                                                // nothing reaches the router before
  bool gone = false;
};

}  // namespace danwa::simulation
