#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace danwa::usecase {

/// Identifies a caller in the turns. All callers of a company without a name count as one.
struct Caller {
  std::string company;
  std::string user;  ///< empty: without a name
  friend bool operator==(const Caller&, const Caller&) = default;
};

/// Decides which read runs next. Companies take turns, and inside a company its callers (round robin over both), so
/// that the wait of one company does not depend on how much another one asks for. One company never holds every slot if
/// there is more than one. Plain: no threads, no clock; one owner. Bound: `waiting_of_caller` tickets per caller.
///
///     if (queue.enter(who, ticket) == TurnQueue::Entry::runs) read(ticket);
///     ...
///     if (auto next = queue.leave(who)) read(*next);   // after every read
class TurnQueue {
 public:
  struct Limits {
    std::size_t running = 4;              ///< reads at once over all callers, at least 1
    std::size_t running_of_caller = 8;    ///< reads at once of one caller
    std::size_t waiting_of_caller = 256;  ///< waiting reads of one caller
  };
  using Ticket = std::uint64_t;
  enum class Entry { runs, waits, refused };

  explicit TurnQueue(Limits limits) : limits_{limits} {}

  /// Registers a read of `who`. `owed`: it may wait even if `waiting_of_caller` reads wait already.
  Entry enter(const Caller& who, Ticket ticket, bool owed = false);

  /// Removes a waiting ticket. False: it does not wait, or no longer.
  bool withdraw(const Caller& who, Ticket ticket);

  /// Registers the end of a read of `who`. Returns the ticket that runs in its place, if a waiting one may.
  std::optional<Ticket> leave(const Caller& who);

  std::size_t running() const { return running_; }
  std::size_t running_of(const Caller& who) const;
  std::size_t companies() const { return companies_.size(); }  ///< with a running or waiting read

 private:
  struct Queue {
    std::size_t running = 0;
    std::deque<Ticket> waiting;
    bool in_ring = false;
  };
  struct Company {
    std::size_t running = 0;
    std::unordered_map<std::string, Queue> callers;
    std::deque<std::string> ring;  // callers with waiting tickets; some may have none any more
    bool in_ring = false;
  };
  bool may_run(const Company& company, const Queue& caller) const;
  std::optional<Ticket> pick();
  std::optional<Ticket> pick(Company& company);
  void forget_idle(const std::string& company, const std::string& user);

  Limits limits_;
  std::size_t running_ = 0;
  std::unordered_map<std::string, Company> companies_;
  std::deque<std::string> ring_;  // companies with waiting tickets; some may have none any more
};

}  // namespace danwa::usecase
