#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {

// Digests of the shipped classes and of what the exploration keeps around them. States with the same digest count as
// one. So a digest holds everything that a later event or check can read, except what is named here with the reason.
//
// Always:
//
// - Counters (requests, checks, tokens, serials) are only compared for equality, and each next one is new. So what is
//   on its way counts as `current` or as stale, and reads count by their order.
// - Times count from now, because only their differences decide.
// - A number that is only asked whether it lies above another one counts as 0 while it does not: the first of a gate's
//   run, its last revoking and its last unseen update, a known head below the place of its reader, a head of the log
//   that was announced already. The other one never falls without the first being set anew.
// - A cursor is read until the watch has started on both sides.
// - Figures, sizes in bytes and the unused front of a cache decide nothing while no bound in bytes is reached.
// - The watchers of a channel have no order. The table only tells something to all of them, or lets all of them wait
// for
//   one read of the master's head, which lets all start. Each has its own inbox.
// - A registration that has left its channel is skipped wherever the table meets it.
//
// When no fault comes any more (World::digest), all of these lie behind faults:
//
// - The way of the log to where it is. Only what is under way since an earlier moment may still show that moment.
// - A client that is on the other node, or that is shut out and not here: it never comes again, so no check asks about
//   its place. If both are gone, nobody is left to whom anything was promised, and nothing follows that could be wrong.
// - What the updates say, once the guarded client is gone: only its gate and the checks of it ask.
//
// Structured bindings name every member, so a new member of a class does not compile until it is looked at here.

/// 64 bits of everything that was added, in its order.
class Digest {
 public:
  void add(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9E3779B97F4A7C15ULL;
    state_ ^= state_ >> 32;
  }
  std::uint64_t value() const { return (state_ ^ (state_ >> 29)) * 0xBF58476D1CE4E5B9ULL; }

  bool bodies = true;  ///< whether it matters what an update says

 private:
  std::uint64_t state_ = 0x243F6A8885A308D3ULL;
};

/// A watcher's registration; `client` is its number in the exploration.
struct ExploredRegistration : Registration {
  ExploredRegistration(usecase::WatchedChannel watch, std::uint8_t who) : Registration{std::move(watch)}, client{who} {}
  std::uint8_t client;
};

/// The one friend of the classes that are explored.
struct Exploration {
  static std::uint64_t number(const domain::Epoch& epoch) {
    return epoch.empty() ? 0 : static_cast<std::uint64_t>(epoch[1] - '0') + 1;
  }
  static std::uint64_t id(const Frame& frame) {
    return (number(frame.epoch()) << 8 | frame.seq()) << 4 | frame.update()->body.index();
  }
  static void add(Digest& digest, const Frame& frame, std::uint64_t more = 0) {
    const auto told = digest.bodies ? id(frame) : id(frame) >> 4 << 4;
    digest.add(told << 16 | more);
  }
  static void add(Digest& digest, const FrameBatch& frames) {
    digest.add(frames.size());
    for (const auto& frame : frames) add(digest, *frame);
  }

  static bool current(const Subscriber& of, std::uint32_t request) {
    const auto& reading = of.readers_.front().reading_;
    return reading && reading->id == request;
  }
  /// Whether nothing reads the cursor of the registration any more: both sides have started from it.
  static bool started(const Subscriber& of, const Registration& who) {
    return of.readers_.front().started() && who.started_;
  }

  static void add(Digest& digest, const Subscriber& of) {
    const auto& [node, encoder, figures, readers, gate, held, held_slot, turn, page_turn, batch, merged, aligned,
                 ephemerals, say_watching, transport_ready, ended, shown_live] = of;
    add(digest, readers.front());
    if (gate) add(digest, *gate);
    add(digest, held);
    digest.add(aligned | ephemerals << 1 | say_watching << 2 | transport_ready << 3 | ended << 4);
  }

  static void add(Digest& digest, const ChannelReader& of) {
    const auto& [channel, after, epoch, next, known_head, buffer, ephemeral, reading, requests, delivery, batch,
                 started, reset_due, ask_master] = of;
    const bool fresh = !started || next == 0;
    digest.add(number(epoch) << 32 | next << 16 | (fresh ? known_head : std::max(known_head, next - 1)));
    digest.add(buffer.size());
    for (std::size_t i = 0; i < buffer.size(); ++i) add(digest, *buffer.at(i));
    digest.add(started | reset_due << 1 | ask_master << 2 | (ephemeral != nullptr) << 3 | reading.has_value() << 4);
    if (reading) add(digest, *reading);
  }
  static void add(Digest& digest, const PageRequest& of) {
    digest.add(of.first << 16 | of.last << 8 | static_cast<std::uint64_t>(of.from));
  }

  static void add(Digest& digest, const AccessGate& of) {
    const auto& [guard, looked_up_in, started_in, open_through, cleared, run_first, run_last, revoking, unseen, checks,
                 asked] = of;
    digest.add(number(looked_up_in) << 32 | number(started_in) << 16 | open_through);
    digest.add(cleared << 48 | (run_first <= open_through ? 0 : run_first) << 32 | run_last << 16 |
               (revoking <= cleared ? 0 : revoking));
    digest.add((unseen <= cleared ? 0 : unseen) << 1 | asked);
  }

  static void add(Digest& digest, const RouterTable& of, Time now, std::span<const Subscriber* const> clients);

 private:
  static std::uint64_t span(Time time, Time now) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time - now).count()) + 100;
  }
  static std::uint64_t client_of(const RegistrationPtr& who) {
    if (who->channel_ == nullptr) return 7;  // gone: nothing is sent to it any more
    return static_cast<const ExploredRegistration&>(*who).client;
  }
  static std::uint64_t bits(const RegistrationPtr& who) {
    return client_of(who) | who->started_ << 4 | who->needs_master_ << 5;
  }
  static void add(Digest& digest, const std::vector<RegistrationPtr>& waiting) {
    for (const auto& who : waiting) {
      if (who->channel_ != nullptr) digest.add(bits(who));
    }
    digest.add(0);
  }
  /// In any order: no effect depends on it.
  static void add_watchers(Digest& digest, const std::vector<RegistrationPtr>& of) {
    std::uint64_t all = of.size();
    for (const auto& who : of) all |= (bits(who) | 64) << (8 + 8 * client_of(who));
    digest.add(all);
  }
  static void add(Digest& digest, const Sequencer& of, Time now) {
    const auto& [known, head, early] = of;
    digest.add(head << 1 | known);
    digest.add(early.size());
    for (const auto& [seq, waiting] : early) add(digest, *waiting.frame, span(waiting.since, now));
  }
};

}  // namespace danwa::delivery
