#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "adapters/delivery/registration.hpp"
#include "adapters/delivery/removals.hpp"
#include "adapters/delivery/router_effects.hpp"
#include "adapters/delivery/sequencer.hpp"
#include "adapters/delivery/tail_cache.hpp"

namespace danwa::adapters {

/// Where starting watchers wait for the log's head. One read at a time; who comes while it is under way
/// waits for the next one, so that nobody is told a head older than its own arrival.
struct HeadRound {
  ReadToken token = 0;                   ///< of the read under way; 0: none
  std::vector<RegistrationPtr> waiting;  ///< for the read under way
  std::vector<RegistrationPtr> next;     ///< for the one after it
  bool wanted = false;                   ///< one more read, whoever waits
};

/// What a router knows of one channel.
struct RouterChannel {
  RouterChannel(domain::ChannelKey channel, std::uint64_t number, TailCache::Limits limits)
      : key{std::move(channel)}, serial{number}, tail{limits} {}

  domain::ChannelKey key;
  std::uint64_t serial;  ///< orders channels in time tables
  std::vector<RegistrationPtr> watchers;
  Sequencer order;
  TailCache tail;
  Removals removals;
  FrameBatch outbox;  ///< in order, to be announced at the next flush
  bool dirty = false;

  domain::Seq log_head = 0;        ///< what the log is known to hold; above order.head(): suspect
  std::optional<Time> repair_due;  ///< when a suspect is repaired from the log
  bool repairing = false;
  std::optional<Time> wake;  ///< its entry in the table of times

  HeadRound heads;
  bool look_queued = false;
  std::vector<ReadToken> reads;   ///< ranges under way that are still wanted
  std::size_t reads_running = 0;  ///< of any kind, wanted or not: the channel must stay

  std::size_t budgeted = 0;  ///< bytes counted in the budget; 0: not in it
  std::list<RouterChannel*>::iterator recent;
};

/// A read of the log under way, and who waits for it.
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
  domain::Seq head_before = 0;  ///< announced when the read began: the master must know it
  bool look = false;            ///< counts against the bound of looks
  bool stale = false;           ///< the log was replaced meanwhile
  std::vector<Waiter> waiters;
};

}  // namespace danwa::adapters
