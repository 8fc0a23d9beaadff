#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "explore_steps.hpp"

namespace danwa::exploration {

/// The states that were seen: digest to number. Open addressing, never more than half full.
class SeenStates {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  SeenStates() : slots_(1U << 16, {0, kNone}) {}

  /// The number of this state; a new one gets `next`.
  std::uint32_t find_or_add(std::uint64_t digest, std::uint32_t next) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    Slot& slot = place_of(slots_, digest);
    if (slot.number != kNone) return slot.number;
    slot = {digest, next};
    ++count_;
    return next;
  }

 private:
  struct Slot {
    std::uint64_t digest;
    std::uint32_t number;
  };
  static Slot& place_of(std::vector<Slot>& slots, std::uint64_t digest) {
    auto at = digest & (slots.size() - 1);
    while (slots[at].number != kNone && slots[at].digest != digest) at = (at + 1) & (slots.size() - 1);
    return slots[at];
  }
  void grow() {
    std::vector<Slot> more(2 * slots_.size(), {0, kNone});
    for (const Slot& slot : slots_) {
      if (slot.number != kNone) place_of(more, slot.digest) = slot;
    }
    slots_.swap(more);
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

/// Goes through every schedule of a scenario with at most so many faults, breadth first while faults may come, and
/// depth first behind the last one. Ends at the first promise that is broken, with the schedule that leads there.
class Search {
 public:
  Search(const Scenario& scenario, unsigned faults) {
    for (unsigned elsewhere = 0; elsewhere < 1U << kClients; ++elsewhere) {
      auto start = std::make_unique<World>(scenario);
      for (std::uint8_t client = 0; client < kClients; ++client) {
        if ((elsewhere >> client & 1U) != 0) {
          start->connections[client].elsewhere = true;
          start->connections[client].client.be_at_the_start();
        } else {
          StepMaker{*start}.make({Step::What::arrive, client, 255, 0, {}});
        }
      }
      const auto number = static_cast<std::uint32_t>(states_.size());
      seen_.find_or_add(start->digest(), number);
      states_.push_back({SeenStates::kNone, SeenStates::kNone, {}, static_cast<std::uint8_t>(faults)});
      level_.push_back({number, std::move(start)});
    }
  }

  void run() {
    while (!level_.empty()) {
      for (auto& [number, world] : std::exchange(level_, {})) {
        expand(number, *world);
        world.reset();
        while (!spent_.empty()) {
          Open last = std::move(spent_.back());
          spent_.pop_back();
          expand(last.number, *last.world);
        }
      }
    }
    come_to_rest();
  }

  std::size_t states() const { return states_.size(); }
  std::size_t steps() const { return steps_; }
  std::size_t rests() const { return rests_; }

 private:
  struct State {
    std::uint32_t from;
    std::uint32_t next;  // the state after the first inner step
    Step step;
    std::uint8_t left;  // faults
  };
  struct Open {
    std::uint32_t number;
    std::unique_ptr<World> world;
  };

  void expand(std::uint32_t number, const World& world) {
    const unsigned left = states_[number].left;
    const Steps steps{world, left > 0};
    if (steps.rests()) {
      ++rests_;
      check_whole(number, world);
    }
    bool first = !steps.rests();
    for (const Step& step : steps.all()) {
      const auto [next, counts] = take(number, world, step, left);
      if (std::exchange(first, false)) states_[number].next = next;
      if (left > step.cost()) disturb(number, world, step, counts, left);
    }
  }

  /// The same step with one disturbance, in all places.
  void disturb(std::uint32_t number, const World& world, Step step, const Counts& counts, unsigned left) {
    using Kind = Disturbance::Kind;
    for (std::uint8_t client = 0; client < kClients; ++client) {
      for (const auto kind : {Kind::stall, Kind::slow, Kind::late, Kind::late_check}) {
        for (std::uint8_t nth = 0; nth < counts.of[client][static_cast<std::size_t>(kind)]; ++nth) {
          step.disturbance = {kind, client, nth};
          take(number, world, step, left);
        }
      }
    }
    for (std::uint8_t nth = 0; nth < counts.reads.size(); ++nth) {
      const Reading& read = counts.reads[nth];
      step.disturbance = {Kind::late_read, 0, nth};
      take(number, world, step, left);
      const bool may_lag = !read.head && read.from == usecase::ReadFrom::replica;
      for (Log::Moment moment = 0; may_lag && moment < read.since; ++moment) {
        step.disturbance = {Kind::short_read, 0, nth, moment, 0};
        take(number, world, step, left);
      }
      for (std::uint8_t most = 1; most < read.found; ++most) {
        step.disturbance = {Kind::short_read, 0, nth, read.since, most};
        take(number, world, step, left);
      }
    }
  }

  std::pair<std::uint32_t, Counts> take(std::uint32_t number, const World& world, const Step& step, unsigned left) {
    auto after = std::make_unique<World>(world);
    ++steps_;
    try {
      StepMaker{*after}.make(step);
    } catch (const Broken& broken) {
      throw Broken(std::string{broken.what()} + schedule(number) + to_string(step));
    }
    left -= step.cost();
    const auto next = seen_.find_or_add(after->digest(), static_cast<std::uint32_t>(states_.size()));
    const auto counts = after->counts;
    if (next == states_.size()) {
      states_.push_back({number, SeenStates::kNone, step, static_cast<std::uint8_t>(left)});
      (left == 0 ? spent_ : level_).push_back({next, std::move(after)});
    } else if (states_[next].left < left) {  // again, with more faults to come
      states_[next].left = static_cast<std::uint8_t>(left);
      states_[next].from = number;
      states_[next].step = step;
      (left == 0 ? spent_ : level_).push_back({next, std::move(after)});
    }
    return {next, counts};
  }

  void check_whole(std::uint32_t number, const World& world) const {
    const auto shown = world.log.present();
    for (std::size_t c = 0; c < kClients; ++c) {
      const auto& it = world.connections[c];
      const bool admitted = !world.role(c).guarded || shown.admitted();
      if (it.elsewhere) continue;
      if (it.here == admitted && (!admitted || it.client.whole(shown))) continue;
      throw Broken("client " + std::to_string(c) + (it.here ? " is not whole" : " is not there") + " at rest" +
                   schedule(number));
    }
  }

  /// Checks that every state reaches rest without a new post or fault. It follows the first inner step of each state;
  /// these steps must never lead in a circle.
  void come_to_rest() const {
    std::vector<std::uint32_t> walked(states_.size(), SeenStates::kNone);
    for (std::uint32_t start = 0; start < states_.size(); ++start) {
      auto at = start;
      while (at != SeenStates::kNone && walked[at] == SeenStates::kNone) {
        walked[at] = start;
        at = states_[at].next;
      }
      if (at != SeenStates::kNone && walked[at] == start) throw Broken("never comes to rest" + schedule(at));
    }
  }

  std::string schedule(std::uint32_t number) const {
    std::vector<std::uint32_t> path;
    for (; states_[number].from != SeenStates::kNone; number = states_[number].from) path.push_back(number);
    std::string out = "\n";
    for (auto at = path.rbegin(); at != path.rend(); ++at) out += to_string(states_[*at].step);
    return out;
  }
  SeenStates seen_;
  std::vector<State> states_;
  std::vector<Open> level_;
  std::vector<Open> spent_;  // without faults to come: depth first, so that few worlds are kept
  std::size_t steps_ = 0;
  std::size_t rests_ = 0;
};

}  // namespace danwa::exploration
