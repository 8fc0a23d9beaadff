#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "explore_memory.hpp"
#include "explore_seen.hpp"
#include "explore_steps.hpp"

namespace danwa::exploration {

/// Goes through every schedule of a scenario with at most so many faults, breadth first while faults may come, and
/// depth first behind the last one. Ends at the first promise that is broken, with the schedule that leads there.
class Search {
 public:
  Search(const Scenario& scenario, unsigned faults) : scenario_{scenario} {
    for (std::uint32_t elsewhere = 0; elsewhere < kStarts; ++elsewhere) {
      begin(elsewhere);
      seen_.find_or_add(digest(faults > 0), elsewhere);
      states_.push_back({SeenStates::kNone, SeenStates::kNone, {}, static_cast<std::uint8_t>(faults)});
      level_.push_back({elsewhere, save()});
    }
  }
  ~Search() { end(); }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  void run() {
    while (!level_.empty()) {
      for (auto& open : std::exchange(level_, {})) {
        expand(open);
        open.image = {};
      }
    }
    come_to_rest();
  }

  std::size_t states() const { return states_.size(); }
  std::size_t steps() const { return steps_; }
  std::size_t rests() const { return rests_; }

 private:
  static constexpr std::uint32_t kStarts = 1U << kClients;  ///< the first states, by which clients are elsewhere

  struct State {
    std::uint32_t from;
    std::uint32_t next;  // the state after the first inner step
    Step step;
    std::uint8_t left;  // faults
  };
  struct Open {
    std::uint32_t number;
    Memory::Image image;  // empty without a Memory
  };

  void expand(const Open& open) {
    bring(open);
    const unsigned left = states_[open.number].left;
    if (left == 0 && world_->deserted()) return;
    const Steps steps{*world_, left > 0};
    if (steps.rests()) {
      ++rests_;
      check_whole(open.number);
    }
    bool first = !steps.rests();
    for (const Step& step : steps.all()) {
      const auto [next, counts] = take(open, step, left);
      if (std::exchange(first, false)) states_[open.number].next = next;
      if (left > step.cost()) disturb(open, step, counts, left);
    }
  }

  /// The same step with one disturbance, in all places.
  void disturb(const Open& open, Step step, const Counts& counts, unsigned left) {
    using Kind = Disturbance::Kind;
    for (std::uint8_t client = 0; client < kClients; ++client) {
      for (const auto kind : {Kind::stall, Kind::slow, Kind::late, Kind::late_check}) {
        for (std::uint8_t nth = 0; nth < counts.of[client][static_cast<std::size_t>(kind)]; ++nth) {
          step.disturbance = {kind, client, nth};
          take(open, step, left);
        }
      }
    }
    for (std::uint8_t nth = 0; nth < counts.reads_done; ++nth) {
      const auto& read = counts.reads[nth];
      step.disturbance = {Kind::late_read, 0, nth};
      take(open, step, left);
      for (Log::Moment moment = 0; read.may_lag && moment < read.since; ++moment) {
        step.disturbance = {Kind::short_read, 0, nth, moment, 0};
        take(open, step, left);
      }
      for (std::uint8_t most = 1; most < read.found; ++most) {
        step.disturbance = {Kind::short_read, 0, nth, read.since, most};
        take(open, step, left);
      }
    }
  }

  std::pair<std::uint32_t, Counts> take(const Open& open, const Step& step, unsigned left) {
    bring(open);
    ++steps_;
    try {
      make(step);
    } catch (const Broken& broken) {
      throw Broken(std::string{broken.what()} + schedule(open.number) + to_string(step));
    }
    const auto counts = world_->counts;
    left -= step.cost();
    const auto next = seen_.find_or_add(digest(left > 0), static_cast<std::uint32_t>(states_.size()));
    if (next == states_.size()) {
      states_.push_back({open.number, SeenStates::kNone, step, static_cast<std::uint8_t>(left)});
      found(next, left);
    } else if (states_[next].left < left) {  // again, with more faults to come
      states_[next].left = static_cast<std::uint8_t>(left);
      states_[next].from = open.number;
      states_[next].step = step;
      found(next, left);
    }
    return {next, counts};
  }

  void found(std::uint32_t number, unsigned left) {
    present_ = number;
    Open open{number, save()};
    if (left == 0) {
      expand(open);
    } else {
      level_.push_back(std::move(open));
    }
  }

  // The world

  /// Where a schedule begins: each client is here, or on the other node.
  void begin(std::uint32_t elsewhere) {
    end();
    const Memory::Inside inside;
    world_ = new World{scenario_};
    for (std::uint8_t client = 0; client < kClients; ++client) {
      if ((elsewhere >> client & 1U) != 0) {
        world_->connections[client].elsewhere = true;
        world_->connections[client].client.be_at_the_start();
      } else {
        StepMaker{*world_}.make({Step::What::arrive, client, 255, 0, {}});
      }
    }
  }
  void end() {
    if (Memory::in_use()) {
      Memory::clear();
    } else {
      delete world_;
    }
    world_ = nullptr;
    present_.reset();
  }
  static Memory::Image save() { return Memory::in_use() ? Memory::save() : Memory::Image{}; }

  /// The world is in this state again: by its image, or by all the steps that led there.
  void bring(const Open& open) {
    if (present_ == open.number) return;
    if (Memory::in_use()) {
      Memory::load(open.image);
    } else {
      std::vector<std::uint32_t> path;
      auto at = open.number;
      for (; at >= kStarts; at = states_[at].from) path.push_back(at);
      begin(at);
      for (auto each = path.rbegin(); each != path.rend(); ++each) make(states_[*each].step);
    }
    present_ = open.number;
  }

  void make(const Step& step) {
    present_.reset();
    const Memory::Inside inside;
    world_->counts = {};
    StepMaker{*world_}.make(step);
  }
  std::uint64_t digest(bool faults) const {
    const Memory::Inside inside;
    return world_->digest(faults);
  }

  void check_whole(std::uint32_t number) const {
    const auto shown = world_->log.present();
    for (std::size_t c = 0; c < kClients; ++c) {
      const auto& it = world_->connections[c];
      const bool admitted = !world_->role(c).guarded || shown.admitted();
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
    for (; number >= kStarts; number = states_[number].from) path.push_back(number);
    std::string out = "\n";
    for (auto at = path.rbegin(); at != path.rend(); ++at) out += to_string(states_[*at].step);
    return out;
  }

  const Scenario& scenario_;
  World* world_ = nullptr;                // owned, unless the Memory is in use
  std::optional<std::uint32_t> present_;  // the state that the world is in, while that is known
  SeenStates seen_;
  std::vector<State> states_;
  std::vector<Open> level_;
  std::size_t steps_ = 0;
  std::size_t rests_ = 0;
};

}  // namespace danwa::exploration
