#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "usecase/answer_budget.hpp"
#include "usecase/async.hpp"
#include "usecase/turn_queue.hpp"
#include "usecase/visit.hpp"

namespace danwa::usecase {

/// Lets the reads of callers wait in turns before they reach the database, the same for every transport:
///
/// - per caller 8 run and 256 wait; more are answered `too-many-reads`;
/// - companies take turns, and their callers (TurnQueue); about as many run at once as the database has readers;
/// - a read that waits is dropped at once when its client leaves, and answered `node-busy` after `patience`;
/// - the answers in memory are bounded per caller (`too-many-reads`) and over all (`node-busy`).
///
/// Watches do not come here: what they read is bounded by their subscribers, one page each. Thread safe.
class ReadTurns {
 public:
  struct Limits {
    TurnQueue::Limits turns{};
    AnswerBudget::Limits answers{};
    std::chrono::milliseconds patience{2000};  ///< a read that waited longer is given up
  };

  /// `owed`: the caller waited in turn before (a long poll that has heard of news), so that the number of those who
  /// wait does not count.
  enum class Claim { fresh, owed };

  explicit ReadTurns(Limits limits) : limits_{limits}, queue_{limits.turns}, answers_{limits.answers} {}
  ReadTurns(const ReadTurns&) = delete;
  ReadTurns& operator=(const ReadTurns&) = delete;

  /// `read` in the turn of `who`. It is not begun when it fails before. Errors: its own; `too-many-reads` (too_many);
  /// `node-busy`, `client-left`, `draining` (unavailable). `visit` may be null: then nobody can leave, and nothing is
  /// held.
  ///
  ///     auto read = list_comments.execute(...);
  ///     const auto page = co_await turns.in_turn(who, request.visit, std::move(read));
  template <class T>
  Async<domain::Result<T>> in_turn(const domain::Credential& who, std::shared_ptr<Visit> visit,
                                   Async<domain::Result<T>> read, Claim claim = Claim::fresh) {
    auto turn = enter(caller_of(who), std::move(visit), claim);
    return within<T>(std::move(turn), std::move(read));
  }

  /// The node ends: every read that waits is answered `draining`, and so is every later one. To be called while the
  /// transports' executors still run, since a read that waits lives on one of them.
  void close();

  std::size_t held() const;  ///< bytes of answers in memory

 private:
  friend class Visit;

  /// The place of a read that runs.
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
  domain::Result<void> check_room(const Caller& who, Visit* visit);
  void give_up(const Caller& who, const std::shared_ptr<Waiter>& waiter, Outcome outcome);
  void end(const Caller& who);
  void change(const Caller& who, std::size_t held, std::size_t bytes);

  const Limits limits_;
  mutable std::mutex mutex_;  // the members below: every transport's threads
  TurnQueue queue_;
  AnswerBudget answers_;
  TurnQueue::Ticket last_ticket_ = 0;
  bool closed_ = false;
  std::unordered_map<TurnQueue::Ticket, std::shared_ptr<Waiter>> waiters_;
};

}  // namespace danwa::usecase
