#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "explore_log.hpp"
#include "explore_router.hpp"

namespace danwa::exploration {

/// A broken promise.
struct Broken : std::logic_error {
  using std::logic_error::logic_error;
};

/// What kind of watcher a client is. Does not change.
struct Role {
  bool guarded = false;
  usecase::Delivery delivery = usecase::Delivery::complete;
  std::optional<Seq> first{};  ///< of the cursor with which it comes for the first time
};

/// A client over all its connections, and the checker of what it is promised: from `watching` on exactly next, next + 1
/// ...; a `latest` watcher is told each range that it misses; a reset only for a newer log; whoever was shut out sees
/// nothing that came after.
class Client {
 public:
  bool started() const { return started_; }
  std::uint8_t epoch() const { return epoch_; }
  Seq next() const { return next_; }

  /// It comes with this cursor; `head` is the lowest place at which "now" may be.
  void connect(const std::optional<domain::Cursor>& after, Seq head) {
    said_watching_ = false;
    wanted_ = after ? after->seq + 1 : 0;
    floor_ = after ? 0 : head;
    if (started_ && after && after->epoch) {
      epoch_ = Log::number(*after->epoch);
      next_ = after->seq + 1;
    }
  }
  /// It watches from the start of the first log, on another node.
  void be_at_the_start() {
    started_ = true;
    next_ = 1;
  }
  void allow_older_start() { floor_ = 0; }

  void take(const delivery::Frame& frame, const Snapshot& log, const Role& role) {
    switch (frame.kind()) {
      case delivery::FrameKind::watching:
        return take_watching(std::get<domain::Cursor>(std::get<delivery::Watching>(frame.content()).position), log);
      case delivery::FrameKind::reset:
        return take_reset(std::get<domain::Cursor>(std::get<delivery::Reset>(frame.content()).position), log);
      case delivery::FrameKind::missed:
        return take_missed(std::get<delivery::UpdatesMissed>(frame.content()), role);
      case delivery::FrameKind::update:
        return take_update(frame, log, role);
      default:
        throw Broken("a frame that nobody sent");
    }
  }

  bool whole(const Snapshot& log) const { return said_watching_ && epoch_ == log.epoch && next_ == log.head + 1u; }

  void add_to(delivery::Digest& digest) const {
    digest.add(started_ | said_watching_ << 1 | epoch_ << 4 | before_ << 8 | next_ << 16 | wanted_ << 32 |
               floor_ << 48);
  }

 private:
  static void demand(bool holds, const char* what) {
    if (!holds) throw Broken(what);
  }
  void come_to(const domain::Cursor& place, const Snapshot& log) {
    const auto told = Log::number(*place.epoch);
    demand(told >= epoch_, "went back to an earlier log");
    demand(told <= log.epoch, "a log that does not exist");
    demand(told != log.epoch || place.seq <= log.head, "a place beyond the log");
    epoch_ = told;
    next_ = place.seq + 1;
  }
  void take_watching(const domain::Cursor& place, const Snapshot& log) {
    demand(!said_watching_, "watching twice");
    before_ = epoch_;
    come_to(place, log);
    demand(epoch_ != log.epoch || log.epoch != 0 || place.seq >= floor_, "started before it came");
    said_watching_ = started_ = true;
    floor_ = 0;
  }
  void take_reset(const domain::Cursor& place, const Snapshot& log) {
    demand(said_watching_, "reset before watching");
    demand(Log::number(*place.epoch) > before_, "reset without a newer log");
    come_to(place, log);
    before_ = epoch_;
    wanted_ = 0;
  }
  void take_missed(const delivery::UpdatesMissed& range, const Role& role) {
    demand(said_watching_ && role.delivery == usecase::Delivery::latest, "a complete watcher missed updates");
    demand(wanted_ == 0 || range.from == wanted_, "a missed range that does not continue the cursor");
    demand(range.from == next_ && range.to >= range.from, "a missed range that does not continue");
    next_ = range.to + 1;
    wanted_ = 0;
  }
  void take_update(const delivery::Frame& frame, const Snapshot& log, const Role& role) {
    demand(said_watching_, "an update before watching");
    demand(wanted_ == 0 || frame.seq() == wanted_, "does not continue the cursor");
    demand(frame.seq() >= next_, "an update twice");
    demand(frame.seq() <= next_, "a gap");
    wanted_ = floor_ = 0;
    before_ = epoch_;
    ++next_;
    if (epoch_ != log.epoch) return;  // the log was replaced, and this watcher was not told yet
    demand(frame.seq() <= log.head, "an update that the log has not");
    demand(&frame == Log::frame(epoch_, frame.seq(), log.updates[frame.seq()]).get(), "another update than the log's");
    demand(!role.guarded || log.may_see(frame.seq()), "an update for somebody shut out");
  }

  bool started_ = false;        // it has a place in the log
  bool said_watching_ = false;  // on this connection
  std::uint8_t epoch_ = 0;
  std::uint8_t before_ = 0;  // the log before this connection's last frame of a place
  Seq next_ = 0;
  Seq wanted_ = 0;  // the first update must be this one; 0: any
  Seq floor_ = 0;   // it may not start below
};

}  // namespace danwa::exploration
