#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "usecase/answer_budget.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/turn_queue.hpp"
#include "usecase/visit.hpp"

namespace danwa::usecase {

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
  domain::Result<void> check_room(const Caller& who, Visit* visit);
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
