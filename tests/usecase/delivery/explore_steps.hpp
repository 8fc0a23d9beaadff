#pragma once

#include <string>
#include <utility>
#include <vector>

#include "explore_world.hpp"

namespace danwa::exploration {

/// One step of a schedule: what happens, to whom, and what disturbs it.
struct Step {
  enum class What : std::uint8_t {
    process,     ///< a stalled subscriber takes its next message
    ready,       ///< a slow transport is ready
    release,     ///< a late request comes to the router
    bus,         ///< the next `how` updates come from the bus together
    loose,       ///< one that was held up, or a double, comes from the bus
    poll,        ///< the tail of the log tells what it sees
    answer,      ///< a late read of the log shows some moment since it was asked for
    check,       ///< so does a late check of access
    arrive,      ///< a client whose connection has ended connects again
    tick,        ///< time passes until the router's next timer
    post,        ///< the log grows by a comment
    revoke,      ///< the log grows: the guarded client loses the right
    admit,       ///< the log grows: they have it again
    duplicate,   ///< it brings its next update now, and once more later
    hold,        ///< the bus holds up its next update, or loses it
    short_page,  ///< a late page is cut, or a replica shows a moment from before the question
    leave,       ///< a client goes to the other node
    come,        ///< one comes from there, or one whose access was looked up a moment ago
    reset,       ///< the log is replaced
    death,       ///< the node ends and starts again
  };
  What what = What::post;
  std::uint8_t who = 0;   ///< client, read or update, by number
  std::uint8_t how = 0;   ///< moment of the log, place of the cursor
  std::uint8_t more = 0;  ///< updates on a cut page, else the moment of the guard
  Disturbance disturbance{};

  bool is_fault() const { return what >= What::revoke; }
  unsigned cost() const { return (is_fault() ? 1 : 0) + (disturbance.kind != Disturbance::Kind::none ? 1 : 0); }
};

inline std::string to_string(const Step& step) {
  static constexpr const char* kWhat[] = {"process", "ready",      "release", "bus",  "loose",  "poll",  "answer",
                                          "check",   "arrive",     "tick",    "post", "revoke", "admit", "duplicate",
                                          "hold",    "short_page", "leave",   "come", "reset",  "death"};
  static constexpr const char* kHow[] = {"", "stall", "slow", "late", "late_check", "late_read", "short_read"};
  const auto& by = step.disturbance;
  const auto number = [](std::size_t value) { return " " + std::to_string(value); };
  std::string out = std::string{"  "} + kWhat[static_cast<std::size_t>(step.what)];
  out += number(step.who) + number(step.how) + number(step.more);
  if (by.kind == Disturbance::Kind::none) return out + "\n";
  out += std::string{" with "} + kHow[static_cast<std::size_t>(by.kind)];
  return out + number(by.client) + number(by.nth) + number(by.moment) + number(by.most) + "\n";
}

/// All steps that may follow, without disturbances: first the inner ones, which need nobody from outside, then posts,
/// then faults. The search follows the first inner step to see whether the world reaches rest.
class Steps {
 public:
  Steps(const World& world, bool faults) : world_{world}, present_{world.log.present()} {
    inner();
    rests_ = all_.empty();  // an update that is held up for ever is one that the bus has lost
    for (std::size_t i = 0; i < world.node.loose.size(); ++i) {
      if (i == 0 || world.node.loose[i] != world.node.loose[i - 1]) add(Step::What::loose, i);
    }
    if (world.log.posts() < world.scenario().updates) {
      add(Step::What::post);
    }
    if (faults) outer();
  }

  const std::vector<Step>& all() const { return all_; }
  bool rests() const { return rests_; }

 private:
  void add(Step::What what, std::size_t who = 0, std::size_t how = 0, std::size_t more = 0) {
    all_.push_back(
        {what, static_cast<std::uint8_t>(who), static_cast<std::uint8_t>(how), static_cast<std::uint8_t>(more), {}});
  }

  void inner() {
    const auto& node = world_.node;
    for (std::size_t c = 0; c < kClients; ++c) {
      const auto& it = world_.connections[c];
      if (!it.here) continue;
      if (it.stalled) add(Step::What::process, c);
      if (it.slow) add(Step::What::ready, c);
      if (!it.late.empty()) add(Step::What::release, c);
    }
    for (std::size_t count = 1; count <= node.bus.size(); ++count) add(Step::What::bus, 0, count);
    if (node.tail_epoch != present_.epoch || node.tail_head != present_.head) add(Step::What::poll);
    for (std::size_t i = 0; i < node.reads.size(); ++i) {
      for (auto moment = world_.log.now();; --moment) {
        add(Step::What::answer, i, moment);
        if (moment == node.reads[i].since) break;
      }
    }
    for (std::size_t c = 0; c < kClients; ++c) checks(c);
    for (std::size_t c = 0; c < kClients; ++c) arrivals(c);
    if (node.table->next_due()) add(Step::What::tick);
  }

  /// A check shows any moment since it was asked for; the latest first.
  void checks(std::size_t c) {
    const auto& it = world_.connections[c];
    if (!it.here || !it.check_late) return;
    for (Log::Moment moment = world_.log.now();; --moment) {
      add(Step::What::check, c, moment);
      if (moment == it.check_since) return;
    }
  }

  /// A client whose connection has ended comes again, with the place that it has. With a fault, access was looked up
  /// one moment before.
  void arrivals(std::size_t c) {
    const auto& it = world_.connections[c];
    if (it.here || it.elsewhere) return;
    const auto now = world_.log.now();
    if (admits(c, now)) add(Step::What::arrive, c, 255, now);
  }

  bool admits(std::size_t c, Log::Moment moment) const {
    return !world_.role(c).guarded || world_.log.at(moment).admitted();
  }

  /// A client comes from the other node, with any place that it may have been brought to there: its own, or any further
  /// one in the present log. The other node is one like this, so it brings nobody to another place.
  void comes(std::size_t c) {
    const auto& it = world_.connections[c];
    const auto now = world_.log.now();
    if (!it.here && now > 0 && admits(c, static_cast<Log::Moment>(now - 1))) add(Step::What::come, c, 255, now - 1u);
    if (!it.elsewhere || !admits(c, now)) return;
    add(Step::What::come, c, 255, now);
    const Seq first = it.client.epoch() == present_.epoch ? it.client.next() + 1 : 1;
    for (Seq next = first; next <= present_.head + 1u; ++next) add(Step::What::come, c, next, now);
  }

  void outer() {
    const auto& node = world_.node;
    if (world_.log.posts() < world_.scenario().updates) {
      add(present_.admitted() ? Step::What::revoke : Step::What::admit);
    }
    if (!node.bus.empty()) {
      add(Step::What::duplicate);
      add(Step::What::hold);
    }
    for (std::size_t i = 0; i < node.reads.size(); ++i) reads(i);
    bool somebody = false;
    for (std::size_t c = 0; c < kClients; ++c) {
      comes(c);
      if (!world_.connections[c].here) continue;
      add(Step::What::leave, c);
      somebody = true;
    }
    if (present_.epoch < 3) add(Step::What::reset);
    if (somebody || !node.bus.empty() || node.table->channels() != 0) add(Step::What::death);
  }

  void reads(std::size_t i) {
    const auto& read = world_.node.reads[i];
    if (read.from == usecase::ReadFrom::replica) {
      for (Log::Moment moment = 0; moment < read.since; ++moment) add(Step::What::short_page, i, moment);
    }
    if (read.head) return;
    const Seq last = std::min<Seq>({read.last, present_.head, read.first + read.limit - 1});
    for (Seq count = 1; read.first + count <= last; ++count) add(Step::What::short_page, i, world_.log.now(), count);
  }

  const World& world_;
  Snapshot present_;
  std::vector<Step> all_;
  bool rests_ = false;
};

/// Carries out one step.
class StepMaker {
 public:
  explicit StepMaker(World& world) : world_{world}, node_{world.node}, table_{*world.node.table} {}

  void make(const Step& step) {
    switch (step.what) {
      case Step::What::process:
        world_.take_message(step.who);
        break;
      case Step::What::ready:
        world_.written(step.who);
        break;
      case Step::What::release:
        release(world_.connections[step.who]);
        break;
      case Step::What::bus:
        bus(step.how);
        break;
      case Step::What::loose:
        loose(step.who);
        break;
      case Step::What::poll:
        poll();
        break;
      case Step::What::answer:
      case Step::What::short_page:
        world_.answer_read(step.who, step.how, step.more);
        break;
      case Step::What::check:
        world_.answer_check(step.who, step.how);
        break;
      case Step::What::arrive:
      case Step::What::come:
        arrive(step);
        break;
      case Step::What::tick:
        tick();
        break;
      case Step::What::post:
        post(Change::comment);
        break;
      case Step::What::admit:
        post(Change::admit);
        break;
      case Step::What::revoke:
        post(Change::revoke);
        break;
      case Step::What::duplicate:
        duplicate();
        break;
      case Step::What::hold:
        hold_up(next_of_bus());
        break;
      case Step::What::leave:
        world_.leave(step.who);
        world_.connections[step.who].elsewhere = true;
        break;
      case Step::What::reset:
        world_.log.add(Change::restore);
        break;
      case Step::What::death:
        return die();
    }
    world_.settle(step.disturbance);
  }

 private:
  void bus(std::size_t count) {
    for (; count > 0; --count) table_.announce(next_of_bus(), node_.now);
  }
  delivery::FramePtr next_of_bus() {
    auto next = std::move(node_.bus.front());
    node_.bus.erase(node_.bus.begin());
    return next;
  }
  void hold_up(delivery::FramePtr frame) {
    const auto place =
        std::upper_bound(node_.loose.begin(), node_.loose.end(), frame,
                         [](const auto& a, const auto& b) { return Exploration::id(*a) < Exploration::id(*b); });
    node_.loose.insert(place, std::move(frame));
  }
  void duplicate() {
    auto frame = next_of_bus();
    hold_up(frame);
    table_.announce(frame, node_.now);
  }
  void loose(std::size_t i) {
    const auto frame = node_.loose[i];
    node_.loose.erase(node_.loose.begin() + static_cast<std::ptrdiff_t>(i));
    table_.announce(frame, node_.now);
  }
  void release(Connection& it) {
    const auto request = it.late.front();
    it.late.erase(it.late.begin());
    table_.read_page(it.registration, request);
  }
  void poll() {
    const auto shown = world_.log.present();
    if (node_.tail_epoch != shown.epoch) table_.on_epoch(Log::name(shown.epoch));
    node_.tail_epoch = shown.epoch;
    node_.tail_head = shown.head;
    if (shown.head != 0) table_.on_growth({Log::key(), shown.head}, node_.now);
  }
  void arrive(const Step& step) {
    const auto& client = world_.connections[step.who].client;
    std::optional<domain::Cursor> after;
    if (client.started()) {
      after = domain::Cursor{Log::name(client.epoch()), client.next() - 1};
    } else if (const auto first = world_.role(step.who).first) {
      after = domain::Cursor{std::nullopt, *first};
    }
    if (step.how != 255) after = domain::Cursor{Log::name(world_.log.present().epoch), step.how - 1u};
    world_.connect(step.who, after, world_.log.at(step.more));
  }
  void tick() {
    node_.now = *table_.next_due();
    table_.tick(node_.now);
  }
  void post(Change change) {
    world_.log.add(change);
    const auto shown = world_.log.present();
    node_.bus.push_back(Log::frame(shown.epoch, shown.head, change));
  }
  /// Everything of the node is gone: the new one starts with nothing.
  void die() {
    for (auto& each : world_.connections) {
      if (each.here) world_.close(each);
    }
    node_ = Node{};
    node_.table = std::make_unique<delivery::RouterTable>(world_.scenario().table(world_.log), figures);
  }

  World& world_;
  Node& node_;
  delivery::RouterTable& table_;
};

}  // namespace danwa::exploration
