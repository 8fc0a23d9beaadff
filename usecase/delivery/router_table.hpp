#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "usecase/delivery/figures.hpp"
#include "usecase/delivery/tail_cache.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::delivery {

/// Names a read of the log that is under way.
using ReadToken = std::uint64_t;

/// Announce these updates, in order, or this ephemeral frame, to all of `to`.
struct Announce {
  const std::vector<RegistrationPtr>* to;  ///< valid until the table's next event
  FrameBatch frames;
  std::optional<domain::ChannelKey> crowd;  ///< once they all have had their turn: `RouterTable::on_announced` with it
};

/// The watch starts at this position of the log; again after a RestartWatches.
struct StartWatch {
  RegistrationPtr to;
  domain::Epoch epoch;
  domain::Seq head = 0;
  bool reset = false;  ///< its cursor is void: the client loads afresh
};

/// The log was replaced: everything that the watchers of `to` hold is void. A StartWatch follows for each.
struct RestartWatches {
  const std::vector<RegistrationPtr>* to;  ///< valid until the table's next event
};

struct GivePage {
  RegistrationPtr to;
  Page page;
};

/// The log could not be read for too long: end the watch.
struct CloseWatch {
  RegistrationPtr to;
};

/// The channel has its first watcher on this node now.
struct ChannelWatched {
  domain::ChannelKey channel;
};

/// The last watcher of the channel on this node has gone.
struct ChannelUnwatched {
  domain::ChannelKey channel;
};

/// Read the channel's head; answer by `RouterTable::on_head`.
struct ReadHead {
  ReadToken token;
  domain::ChannelKey channel;
  usecase::ReadFrom from;
};

/// Read at most `limit` of the updates [first, last]; answer by `RouterTable::on_updates`.
struct ReadUpdateRange {
  ReadToken token;
  domain::ChannelKey channel;
  domain::Seq first = 0;
  domain::Seq last = 0;
  std::size_t limit = 0;
  usecase::ReadFrom from;
};

using RouterEffect = std::variant<Announce, StartWatch, RestartWatches, GivePage, CloseWatch, ChannelWatched,
                                  ChannelUnwatched, ReadHead, ReadUpdateRange>;

/// The answer to a ReadUpdateRange.
struct LogPage {
  FrameBatch frames;  ///< ascending, without holes, from the first asked for
  domain::Seq head = 0;
  domain::Epoch epoch;
};

/// Starting watchers that wait for the log's head. One read runs at a time. A watcher that comes while it runs waits
/// for the next one, so it never starts at a head from before its arrival.
struct HeadRound {
  ReadToken token = 0;                   ///< of the read under way; 0: none
  std::vector<RegistrationPtr> waiting;  ///< for the read under way
  std::vector<RegistrationPtr> next;     ///< for the one after it
  bool wanted = false;                   ///< one more read, even if nobody waits for it
};

/// One channel, as its router knows it.
struct RouterChannel {
  RouterChannel(domain::ChannelKey channel, std::uint64_t number, TailCache::Limits limits)
      : key{std::move(channel)}, serial{number}, tail{limits} {}

  domain::ChannelKey key;
  std::uint64_t serial;  ///< orders channels in time tables
  std::vector<RegistrationPtr> watchers;
  Sequencer order;
  TailCache tail;
  Removals removals;
  FrameBatch outbox;   ///< in order, to be announced at the next flush
  FramePtr ephemeral;  ///< the latest that waits for the end of an announcement
  bool dirty = false;
  bool announcing = false;  ///< to a crowd, which has not all had its turn yet

  domain::Seq log_head = 0;        ///< the highest seq known to be in the log; above order.head(): possibly behind
  std::optional<Time> repair_due;  ///< the time to repair it from the log
  bool repairing = false;
  std::optional<Time> wake;  ///< its entry in the table of times

  HeadRound heads;
  bool look_queued = false;
  std::vector<ReadToken> reads;   ///< ranges under way that are still wanted
  std::size_t reads_running = 0;  ///< of any kind, wanted or not: the channel must stay

  std::size_t budgeted = 0;  ///< bytes counted in the budget; 0: not in it
  std::list<RouterChannel*>::iterator recent;
};

/// A read of the log under way, and those that wait for it.
struct PendingRead {
  enum class Kind { head, page, repair };
  struct Waiter {
    RegistrationPtr who;
    PageRequest request;
  };
  RouterChannel* channel;
  Kind kind;
  usecase::ReadFrom from;
  domain::Seq first = 0;
  domain::Seq last = 0;
  domain::Seq head_before = 0;  ///< announced when the read began; a lower head of the master: the log went back
  bool look = false;            ///< counts against kMaxLooks
  bool stale = false;           ///< the log was replaced meanwhile
  std::vector<Waiter> waiters;
};

/// Bounds all tail caches of a router in bytes and in number; the least recently used goes first.
class CacheBudget {
 public:
  struct Limits {
    std::size_t bytes = 32UL << 20;
    std::size_t channels = 16'384;
  };
  CacheBudget(Limits limits, DeliveryFigures& figures) : limits_{limits}, figures_{figures} {}
  ~CacheBudget() { figures_.cached_channels.sub(static_cast<std::int64_t>(recent_.size())); }
  CacheBudget(const CacheBudget&) = delete;
  CacheBudget& operator=(const CacheBudget&) = delete;

  /// `channel`'s cache was used or has changed.
  void touch(RouterChannel& channel);

  /// The channel whose cache must go now, never `keep`; null while all fit.
  RouterChannel* victim(const RouterChannel& keep) const;

  std::size_t bytes() const { return bytes_; }
  std::size_t channels() const { return recent_.size(); }

 private:
  friend struct Exploration;
  Limits limits_;
  DeliveryFigures& figures_;
  std::list<RouterChannel*> recent_;  // the most recently used first; those with a cache
  std::size_t bytes_ = 0;
};

/// Brings the updates of channels to the watchers of this node. Per channel it keeps the announced head, the early
/// updates, the tail cache, the watchers, and the reads of the log that they share. No clock, no thread: every event
/// gets the time and leaves effects to be carried out. Owned by: one router actor.
///
///     table.announce(frame, now);
///     table.flush();                                 // after all frames that arrived together
///     for (auto& effect : table.effects()) carry_out(effect);
///     table.clear_effects();
class RouterTable {
 public:
  static constexpr std::chrono::milliseconds kRepairAfter{20};   ///< the bus gets this long to bring what the log has
  static constexpr std::chrono::milliseconds kRepairRetry{200};  ///< after a repair that could not read the log
  static constexpr std::size_t kRepairPage = 64;                 ///< updates
  static constexpr std::size_t kMaxLooks = 8;                    ///< heads read at once for `check_log`
  static constexpr std::size_t kMaxOutbox = 16;                  ///< updates; then they are announced before a flush

  struct Options {
    TailCache::Limits tail;
    CacheBudget::Limits caches;
    std::chrono::milliseconds repair_after = kRepairAfter;
    domain::Epoch epoch{};   ///< of the log at the start; empty: not known yet
    std::size_t page = 16;   ///< most updates on one page for a watcher; as WatchBounds::batch
    std::size_t crowd = 64;  ///< watchers; a channel with more of them gets one announcement at a time
    bool replicas = false;   ///< `ReadFrom::replica` may show an earlier log than the master
  };
  RouterTable(Options options, DeliveryFigures& figures);
  ~RouterTable();

  // --- events of watchers
  /// `told`: the highest head of the channel that the node has heard of, also while the channel was not known here.
  /// Used if the watch has a checked head; absent: nobody has listened, and the log is looked at.
  void watch(RegistrationPtr who, Time now, std::optional<domain::Seq> told = std::nullopt);
  void unwatch(const RegistrationPtr& who);
  void read_page(const RegistrationPtr& who, const PageRequest& request);

  // --- events of the bus and of the log's tail
  void announce(const FramePtr& frame, Time now);
  void on_growth(const usecase::TailListener::Growth& growth, Time now);
  void on_epoch(const domain::Epoch& epoch);
  void check_log(const domain::ChannelKey& channel);
  void look_at_log_everywhere();

  // --- answers of the log; nullopt: it could not be read
  void on_head(ReadToken token, const std::optional<usecase::UpdateLog::Head>& head, Time now);
  void on_updates(ReadToken token, const std::optional<LogPage>& page, Time now);

  // --- time
  std::optional<Time> next_due() const;
  void tick(Time now);

  /// Announces the updates that have gathered; to be called while `gathered()`.
  void flush();
  bool gathered() const { return !dirty_.empty(); }

  /// The answer to an Announce for a crowd: what has gathered meanwhile may go out.
  void on_announced(const domain::ChannelKey& channel);

  /// To be carried out, in order, before the next event.
  std::vector<RouterEffect>& effects() { return effects_; }
  void clear_effects() { effects_.clear(); }

  /// Every registered watcher, for the end of the node.
  std::vector<RegistrationPtr> registrations() const;

  /// The channels that have watchers now: each had its ChannelWatched.
  std::vector<domain::ChannelKey> watched() const;

  std::size_t channels() const { return channels_.size(); }
  const RouterChannel* find(const domain::ChannelKey& channel) const;
  const CacheBudget& budget() const { return budget_; }

 private:
  friend struct Exploration;
  using Growth = usecase::TailListener::Growth;
  using ReadFrom = usecase::ReadFrom;

  // Channels: router_table.cpp
  RouterChannel& channel(const domain::ChannelKey& key);
  void erase_if_idle(RouterChannel& ch);
  void invalidate(RouterChannel& ch);
  void use_cache(RouterChannel& ch);
  void pass_on(const FramePtr& frame);
  bool is_foreign(const Frame& frame) const;
  void take_in(RouterChannel& ch, FramePtr frame, Time now);
  void send_out(RouterChannel& ch, FrameBatch& frames);
  void announce_outbox(RouterChannel& ch);
  void emit(RouterChannel& ch, FrameBatch frames);
  bool is_crowd(const RouterChannel& ch) const { return ch.watchers.size() > options_.crowd; }
  void screen(RouterChannel& ch, const FramePtr& frame, Time now);
  void schedule(RouterChannel& ch);
  void mark_possibly_behind(RouterChannel& ch, domain::Seq log_head, Time due);

  // Starts, heads and epochs: router_starts.cpp
  bool take_checked_head(RouterChannel& ch, const Registration& who, Time now);
  void want_head(RouterChannel& ch, const RegistrationPtr& who, bool from_master);
  void begin_head_round(RouterChannel& ch);
  void take_head(const PendingRead& read, const usecase::UpdateLog::Head& head, Time now);
  void answer_head(RouterChannel& ch, const RegistrationPtr& who, domain::Seq head, ReadFrom from);
  void start(const RegistrationPtr& who, domain::Seq head, bool reset);
  bool learn_epoch(const domain::Epoch& epoch, ReadFrom from);
  void change_epoch(const domain::Epoch& epoch);
  void restart(RouterChannel& ch);
  void run_looks();

  // Pages and repairs: router_pages.cpp
  bool join_read(RouterChannel& ch, const RegistrationPtr& who, const PageRequest& request);
  void read_log(RouterChannel& ch, PendingRead read, std::size_t limit);
  void repair(RouterChannel& ch, ReadFrom from);
  void take_page(const PendingRead& read, LogPage page, Time now);
  void after_repair(const PendingRead& read, domain::Seq log_head);
  void give(const PendingRead& read, const LogPage& page);
  void make_canonical(RouterChannel& ch, FrameBatch& frames, Time now);
  std::optional<PendingRead> finish(ReadToken token);
  void let_go(RouterChannel& ch);

  Options options_;
  DeliveryFigures& figures_;
  CacheBudget budget_;
  domain::Epoch epoch_;  // empty: not known yet
  std::unordered_map<domain::ChannelKey, std::unique_ptr<RouterChannel>> channels_;
  std::map<std::pair<Time, std::uint64_t>, RouterChannel*> times_;
  std::unordered_map<ReadToken, PendingRead> pending_;
  std::deque<domain::ChannelKey> looks_;
  std::size_t looks_running_ = 0;
  std::vector<RouterChannel*> dirty_;
  std::vector<RouterEffect> effects_;
  FrameBatch ready_;  // scratch of take_in
  std::uint64_t serial_ = 0;
  ReadToken token_ = 0;
};

}  // namespace danwa::delivery
