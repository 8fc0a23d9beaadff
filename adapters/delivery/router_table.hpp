#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/delivery/cache_budget.hpp"
#include "adapters/delivery/figures.hpp"
#include "adapters/delivery/router_channel.hpp"
#include "adapters/delivery/router_effects.hpp"
#include "usecase/ports/tail_listener.hpp"

namespace danwa::adapters {

/// Which watchers of this node see what (DESIGN sections 4 to 6): per channel the announced head, the
/// hold for early updates, the tail cache, the watchers, and the reads of the log that they share.
/// Plain: every event gets the time and leaves effects to be carried out. Owned by: one router actor.
///
///     table.announce(frame, now);
///     table.flush();                                 // once all that arrived together is in
///     for (auto& effect : table.effects()) carry_out(effect);
///     table.clear_effects();
class RouterTable {
 public:
  static constexpr std::chrono::milliseconds kRepairAfter{20};   ///< the bus gets this long to bring what the log has
  static constexpr std::chrono::milliseconds kRepairRetry{200};  ///< after a repair that could not read the log
  static constexpr std::size_t kRepairPage = 64;                 ///< updates
  static constexpr std::size_t kMaxLooks = 8;                    ///< heads read at once for `look_at_log`
  static constexpr std::size_t kMaxOutbox = 16;                  ///< updates in one announcement, but for repairs

  struct Options {
    TailCache::Limits tail;
    CacheBudget::Limits caches;
    std::chrono::milliseconds repair_after = kRepairAfter;
    domain::Epoch epoch{};  ///< of the log at the start; empty: not known yet
  };
  RouterTable(Options options, DeliveryFigures& figures);
  ~RouterTable();

  // --- events of watchers
  void watch(RegistrationPtr who);
  void unwatch(const RegistrationPtr& who);
  void read_page(const RegistrationPtr& who, const PageRequest& request);

  // --- events of the bus and of the log's tail
  void announce(const FramePtr& frame, Time now);
  void on_growth(const usecase::TailListener::Growth& growth, Time now);
  void on_epoch(const domain::Epoch& epoch);
  void look_at_log(const domain::ChannelKey& channel);
  void look_at_log_everywhere();

  // --- answers of the log; nothing: it could not be read
  void on_head(ReadToken token, const std::optional<usecase::UpdateLog::Head>& head, Time now);
  void on_updates(ReadToken token, const std::optional<LogPage>& page, Time now);

  // --- time
  std::optional<Time> next_due() const;
  void tick(Time now);

  /// Announces what has gathered; wanted once `gathered()`.
  void flush();
  bool gathered() const { return !dirty_.empty(); }

  /// To be carried out in order before the next event.
  std::vector<RouterEffect>& effects() { return effects_; }
  void clear_effects() { effects_.clear(); }

  /// Every registered watcher, for the end of the node.
  std::vector<RegistrationPtr> registrations() const;

  /// The channels that have watchers now, of which a ChannelWatched told.
  std::vector<domain::ChannelKey> watched() const;

  std::size_t channels() const { return channels_.size(); }
  const RouterChannel* find(const domain::ChannelKey& channel) const;
  const CacheBudget& budget() const { return budget_; }

 private:
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
  void screen(RouterChannel& ch, const FramePtr& frame, Time now);
  void schedule(RouterChannel& ch);
  void suspect(RouterChannel& ch, domain::Seq log_head, Time due);

  // Starts and heads: router_heads.cpp
  void want_head(RouterChannel& ch, const RegistrationPtr& who, bool from_master);
  void begin_head_round(RouterChannel& ch);
  void take_head(const PendingRead& read, const usecase::UpdateLog::Head& head, Time now);
  void settle(RouterChannel& ch, const RegistrationPtr& who, domain::Seq head, ReadFrom from);
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

}  // namespace danwa::adapters
