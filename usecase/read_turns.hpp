#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::usecase {

/// Identifies a caller in the turns. All callers of a company without a name count as one.
struct Caller {
  std::string company;
  std::string user;  ///< empty: without a name
  friend bool operator==(const Caller&, const Caller&) = default;
};

/// Decides which read runs next. Companies take turns, and inside a company its callers (round robin over both), so
/// that the wait of one company does not depend on how much another one asks for. One company never holds every slot if
/// there is more than one. No threads, no clock; one owner. Bound: `waiting_of_caller` tickets per caller.
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

/// Counts the bytes of answers in memory, in all and per company and caller: from the read until the answer was written
/// or its connection is gone. No threads; one owner.
class AnswerBudget {
 public:
  struct Limits {
    std::size_t node = std::size_t{64} << 20U;     ///< bytes
    std::size_t company = std::size_t{32} << 20U;  ///< leaves space for other companies
    std::size_t caller = std::size_t{16} << 20U;
  };
  enum class Space { enough, not_for_caller, not_on_node };

  explicit AnswerBudget(Limits limits) : limits_{limits} {}

  /// Whether `bytes` more fit. Reserves nothing.
  Space space_for(const Caller& who, std::size_t bytes) const;

  /// Changes the count of `who` from `held` to `bytes`, even beyond a limit, because the bytes exist already.
  void change(const Caller& who, std::size_t held, std::size_t bytes);

  std::size_t held() const { return held_; }
  std::size_t companies() const { return companies_.size(); }  ///< with at least one byte

 private:
  struct Company {
    std::size_t held = 0;
    std::unordered_map<std::string, std::size_t> callers;
  };
  Limits limits_;
  std::size_t held_ = 0;
  std::unordered_map<std::string, Company> companies_;
};

class ReadTurns;

/// One request, from the view of the reads that it causes: whether its client is still there, and how many bytes of its
/// answer are in memory. Created by the transport, which keeps it until the answer was written or the connection is
/// gone. Runs on: the executor of the request; destroyed on any thread.
class Visit {
 public:
  Visit() = default;
  virtual ~Visit();  // releases the counted bytes
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  bool left() const { return left_; }

  /// Calls `callback` once when the client leaves, or at once if it has left. One callback at a time: a new one
  /// replaces the old one, an empty one removes it.
  void when_left(std::function<void()> callback) {
    on_left_ = std::move(callback);
    if (left_) fire();
  }

  /// Called by the transport: the client sends nothing more, or its connection is gone.
  void leave() {
    left_ = true;
    fire();
  }

  /// Called by the transport: `bytes` of the answer are in memory, until the next call or the end. Counts only for a
  /// request that has read.
  void hold(std::size_t bytes);

 private:
  friend class ReadTurns;
  void fire() {
    if (auto callback = std::exchange(on_left_, nullptr)) callback();
  }

  ReadTurns* turns_ = nullptr;  // its budget counts `held_`; set by the first read
  Caller caller_;
  std::size_t held_ = 0;
  bool left_ = false;
  std::function<void()> on_left_;
};

/// Limits and orders the reads of callers before they reach the database, the same for every transport:
///
/// - at most 8 reads per caller run and 256 wait; further ones fail with `too-many-reads`;
/// - companies take turns, and so do the callers of a company (TurnQueue); about as many reads run at once as the
///   database has readers;
/// - a waiting read is dropped at once when its client leaves, and fails with `node-busy` after `patience`;
/// - the answers in memory are bounded per caller (`too-many-reads`) and in all (`node-busy`).
///
/// Live watches do not pass here: their reads are bounded by their subscribers, one page each. Thread safe.
class ReadTurns {
 public:
  struct Limits {
    TurnQueue::Limits turns{};
    AnswerBudget::Limits answers{};
    std::chrono::milliseconds patience{2000};  ///< a read that has waited longer fails
  };

  /// `owed`: the caller has waited in turn before (a long poll whose channel has grown), so the limit of waiting reads
  /// does not apply.
  enum class Claim { fresh, owed };

  explicit ReadTurns(Limits limits) : limits_{limits}, queue_{limits.turns}, answers_{limits.answers} {}
  ReadTurns(const ReadTurns&) = delete;
  ReadTurns& operator=(const ReadTurns&) = delete;

  /// Runs `read` when it is the turn of `who`. It is not started if this fails before. Errors: its own;
  /// `too-many-reads` (too_many); `node-busy`, `client-left`, `draining` (unavailable). `visit` may be null: then no
  /// client can leave, and no answer is counted.
  ///
  ///     auto read = list_comments.execute(...);
  ///     const auto page = co_await turns.in_turn(who, request.visit, std::move(read));
  template <class T>
  Async<domain::Result<T>> in_turn(const domain::Credential& who, std::shared_ptr<Visit> visit,
                                   Async<domain::Result<T>> read, Claim claim = Claim::fresh) {
    auto turn = enter(caller_of(who), std::move(visit), claim);
    return within<T>(std::move(turn), std::move(read));
  }

  /// Ends the turns: every waiting read fails with `draining`, and so does every later one. Must be called while the
  /// executors of the transports still run, because waiting reads live on them.
  void close();

  std::size_t held() const;  ///< bytes of answers in memory

 private:
  friend class Visit;

  /// The slot of a running read; the destructor hands it on.
  class Turn {
   public:
    Turn(ReadTurns& turns, Caller who) : turns_{&turns}, who_{std::move(who)} {}
    Turn(Turn&& other) noexcept : turns_{std::exchange(other.turns_, nullptr)}, who_{std::move(other.who_)} {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->end(who_);
    }

   private:
    ReadTurns* turns_;
    Caller who_;
  };
  enum class Outcome { runs, left, late, closed };
  struct Waiter;

  static Caller caller_of(const domain::Credential& who);

  template <class T>
  static Async<domain::Result<T>> within(Async<domain::Result<Turn>> entering, Async<domain::Result<T>> read) {
    const auto turn = co_await std::move(entering);
    if (!turn) co_return domain::fail(turn.error());
    co_return co_await std::move(read);
  }

  Async<domain::Result<Turn>> enter(Caller who, std::shared_ptr<Visit> visit, Claim claim);
  Async<Outcome> wait(Caller who, std::shared_ptr<Visit> visit, std::shared_ptr<Waiter> waiter);
  domain::Result<void> check_space(const Caller& who, Visit* visit);
  void give_up(const Caller& who, const std::shared_ptr<Waiter>& waiter, Outcome outcome);
  void end(const Caller& who);
  void change(const Caller& who, std::size_t held, std::size_t bytes);

  const Limits limits_;
  mutable std::mutex mutex_;  // the members below: used by the threads of all transports
  TurnQueue queue_;
  AnswerBudget answers_;
  TurnQueue::Ticket last_ticket_ = 0;
  bool closed_ = false;
  std::unordered_map<TurnQueue::Ticket, std::shared_ptr<Waiter>> waiters_;
};

}  // namespace danwa::usecase
