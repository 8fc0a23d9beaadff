#include "usecase/read_turns.hpp"

#include <algorithm>
#include <vector>

#include "usecase/ports/paging.hpp"

// Two rings, one of companies and one of callers in each company, hold the names that have waiting tickets. A free slot
// goes to the first company whose first caller may run; both names then move to the end of their rings. A withdrawn
// ticket may leave a name in a ring without a ticket; the name is dropped when its turn comes, which keeps `withdraw`
// cheap. Entries without running or waiting reads are erased, so memory follows the present load.

namespace danwa::usecase {

bool TurnQueue::may_run(const Company& company, const Queue& caller) const {
  const std::size_t of_company = std::max<std::size_t>(limits_.running - 1, 1);
  return running_ < limits_.running && company.running < of_company && caller.running < limits_.running_of_caller;
}

TurnQueue::Entry TurnQueue::enter(const Caller& who, Ticket ticket, bool owed) {
  Company& company = companies_[who.company];
  Queue& caller = company.callers[who.user];
  if (may_run(company, caller)) {  // no ticket of this caller waits then: `leave` would have let it run
    ++running_;
    ++company.running;
    ++caller.running;
    return Entry::runs;
  }
  if (!owed && caller.waiting.size() >= limits_.waiting_of_caller) return Entry::refused;
  caller.waiting.push_back(ticket);
  if (!std::exchange(caller.in_ring, true)) company.ring.push_back(who.user);
  if (!std::exchange(company.in_ring, true)) ring_.push_back(who.company);
  return Entry::waits;
}

bool TurnQueue::withdraw(const Caller& who, Ticket ticket) {
  const auto company = companies_.find(who.company);
  if (company == companies_.end()) return false;
  const auto caller = company->second.callers.find(who.user);
  if (caller == company->second.callers.end()) return false;
  return std::erase(caller->second.waiting, ticket) > 0;  // the rings drop its name when its turn comes
}

std::optional<TurnQueue::Ticket> TurnQueue::leave(const Caller& who) {
  Company& company = companies_.at(who.company);
  --running_;
  --company.running;
  --company.callers.at(who.user).running;
  const auto next = pick();
  forget_idle(who.company, who.user);
  return next;
}

/// Walks the ring of companies once at most. A company whose callers are at their limits is passed over, and goes to
/// the end like the others.
std::optional<TurnQueue::Ticket> TurnQueue::pick() {
  for (std::size_t left = ring_.size(); left > 0; --left) {
    std::string name = std::move(ring_.front());
    ring_.pop_front();
    Company& company = companies_.at(name);
    const auto ticket = pick(company);
    company.in_ring = !company.ring.empty();
    if (company.in_ring) {
      ring_.push_back(std::move(name));
    } else if (company.callers.empty()) {
      companies_.erase(name);
    }
    if (ticket) return ticket;
  }
  return std::nullopt;
}

std::optional<TurnQueue::Ticket> TurnQueue::pick(Company& company) {
  for (std::size_t left = company.ring.size(); left > 0; --left) {
    std::string name = std::move(company.ring.front());
    company.ring.pop_front();
    Queue& caller = company.callers.at(name);
    std::optional<Ticket> ticket;
    if (!caller.waiting.empty() && may_run(company, caller)) {
      ticket = caller.waiting.front();
      caller.waiting.pop_front();
      ++running_;
      ++company.running;
      ++caller.running;
    }
    caller.in_ring = !caller.waiting.empty();
    if (caller.in_ring) {
      company.ring.push_back(std::move(name));
    } else if (caller.running == 0) {
      company.callers.erase(name);
    }
    if (ticket) return ticket;
  }
  return std::nullopt;
}

void TurnQueue::forget_idle(const std::string& company, const std::string& user) {
  const auto found = companies_.find(company);
  if (found == companies_.end()) return;
  auto& callers = found->second.callers;
  if (const auto caller = callers.find(user); caller != callers.end()) {
    if (caller->second.running == 0 && !caller->second.in_ring) callers.erase(caller);
  }
  if (callers.empty() && !found->second.in_ring) companies_.erase(found);
}

std::size_t TurnQueue::running_of(const Caller& who) const {
  const auto company = companies_.find(who.company);
  if (company == companies_.end()) return 0;
  const auto caller = company->second.callers.find(who.user);
  return caller == company->second.callers.end() ? 0 : caller->second.running;
}

AnswerBudget::Space AnswerBudget::space_for(const Caller& who, std::size_t bytes) const {
  if (held_ + bytes > limits_.node) return Space::not_on_node;
  const auto company = companies_.find(who.company);
  if (company == companies_.end()) return Space::enough;
  if (company->second.held + bytes > limits_.company) return Space::not_on_node;
  const auto caller = company->second.callers.find(who.user);
  const bool fits = caller == company->second.callers.end() || caller->second + bytes <= limits_.caller;
  return fits ? Space::enough : Space::not_for_caller;
}

void AnswerBudget::change(const Caller& who, std::size_t held, std::size_t bytes) {
  if (held == bytes) return;
  Company& company = companies_[who.company];
  std::size_t& of_caller = company.callers[who.user];
  held_ += bytes - held;  // unsigned sums wrap around and come out right
  company.held += bytes - held;
  of_caller += bytes - held;
  if (of_caller == 0) company.callers.erase(who.user);
  if (company.held == 0) companies_.erase(who.company);
}

// Without turns, one client with many parallel reads would fill the queue of the database, and everybody else would
// wait. Here a read that finds a free slot runs at once. Any other read leaves a Waiter behind and is resumed by the
// first of four events: a read that ends and hands its slot on, the end of its patience, the departure of its client,
// or the end of the node. Each event removes the Waiter under the mutex, so exactly one of them resumes the read, and
// does so outside the mutex.

namespace {

/// Memory of a page while it is read: its text as rows and as JSON.
constexpr std::size_t kPageCost = 2 * PageSize::kText;

domain::Errors too_many_reads() {
  return domain::too_many("too-many-reads",
                          "You have too many reads in progress, or too many answers that you have not received yet.");
}

domain::Errors node_busy() {
  return domain::unavailable("node-busy", "This node has too many reads in progress; try again later.");
}

domain::Errors client_left() {
  return domain::unavailable("client-left", "The client ended its connection while the read waited for its turn.");
}

domain::Errors draining() { return domain::unavailable("draining", "This node is going away."); }

}  // namespace

/// A waiting read. The mutex of ReadTurns protects it; `resume` is called once, outside the mutex.
struct ReadTurns::Waiter {
  using Resume = std::function<void(Outcome)>;

  TurnQueue::Ticket ticket = 0;
  std::optional<Outcome> outcome;
  Resume resume;  // set once the coroutine is suspended
};

Visit::~Visit() {
  if (turns_ != nullptr) turns_->change(caller_, held_, 0);
}

void Visit::hold(std::size_t bytes) {
  if (turns_ != nullptr) turns_->change(caller_, std::exchange(held_, bytes), bytes);
}

Caller ReadTurns::caller_of(const domain::Credential& who) { return {who.company.value(), member_name(who).value()}; }

std::size_t ReadTurns::held() const {
  const std::scoped_lock lock{mutex_};
  return answers_.held();
}

Async<domain::Result<ReadTurns::Turn>> ReadTurns::enter(Caller who, std::shared_ptr<Visit> visit, Claim claim) {
  std::shared_ptr<Waiter> waiter;
  {
    const std::scoped_lock lock{mutex_};
    if (closed_) co_return domain::fail(draining());
    // A departed client is rejected only if this shortens a queue, because it may have closed only its sending side and
    // still read.
    if (visit && visit->left() && queue_.running_of(who) > 0) co_return domain::fail(client_left());
    const auto ticket = ++last_ticket_;
    const auto entry = queue_.enter(who, ticket, claim == Claim::owed);
    if (entry == TurnQueue::Entry::refused) co_return domain::fail(too_many_reads());
    if (entry == TurnQueue::Entry::waits) {
      waiter = std::make_shared<Waiter>();
      waiter->ticket = ticket;
      waiters_.emplace(ticket, waiter);
    }
  }
  if (waiter) {
    const auto outcome = co_await wait(who, visit, std::move(waiter));
    if (outcome == Outcome::left) co_return domain::fail(client_left());
    if (outcome == Outcome::late) co_return domain::fail(node_busy());
    if (outcome == Outcome::closed) co_return domain::fail(draining());
  }
  Turn turn{*this, who};
  if (auto space = check_space(who, visit.get()); !space) co_return domain::fail(std::move(space).error());
  co_return std::move(turn);
}

Async<ReadTurns::Outcome> ReadTurns::wait(Caller who, std::shared_ptr<Visit> visit, std::shared_ptr<Waiter> waiter) {
  std::function<void()> on_expiry = [this, who, waiter] { give_up(who, waiter, Outcome::late); };
  const auto deadline = co_await start_deadline(limits_.patience, std::move(on_expiry));
  if (visit) visit->when_left([this, who, waiter] { give_up(who, waiter, Outcome::left); });
  auto start = [this, waiter](auto resume) {
    std::unique_lock lock{mutex_};
    if (!waiter->outcome) {
      waiter->resume = [resume = std::move(resume)](Outcome outcome) mutable { resume(outcome); };
      return;
    }
    lock.unlock();
    resume(*waiter->outcome);
  };
  const auto outcome = co_await suspend_until<Outcome>(std::move(start));
  if (visit) visit->when_left(nullptr);
  co_return outcome;
}

domain::Result<void> ReadTurns::check_space(const Caller& who, Visit* visit) {
  const std::scoped_lock lock{mutex_};
  switch (answers_.space_for(who, kPageCost)) {
    case AnswerBudget::Space::not_for_caller:
      return domain::fail(too_many_reads());
    case AnswerBudget::Space::not_on_node:
      return domain::fail(node_busy());
    case AnswerBudget::Space::enough:
      break;
  }
  if (visit != nullptr && visit->turns_ == nullptr) {
    visit->turns_ = this;
    visit->caller_ = who;
  }
  return {};
}

void ReadTurns::give_up(const Caller& who, const std::shared_ptr<Waiter>& waiter, Outcome outcome) {
  std::unique_lock lock{mutex_};
  if (!queue_.withdraw(who, waiter->ticket)) return;  // its turn has come already
  waiters_.erase(waiter->ticket);
  waiter->outcome = outcome;
  const auto resume = std::move(waiter->resume);
  lock.unlock();
  if (resume) resume(outcome);
}

void ReadTurns::end(const Caller& who) {
  std::unique_lock lock{mutex_};
  const auto next = queue_.leave(who);
  if (!next || closed_) return;
  const auto found = waiters_.find(*next);
  const auto waiter = std::move(found->second);
  waiters_.erase(found);
  waiter->outcome = Outcome::runs;
  const auto resume = std::move(waiter->resume);
  lock.unlock();
  if (resume) resume(Outcome::runs);
}

void ReadTurns::close() {
  std::vector<Waiter::Resume> resumes;
  {
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    for (auto& [ticket, waiter] : waiters_) {
      waiter->outcome = Outcome::closed;
      if (waiter->resume) resumes.push_back(std::move(waiter->resume));
    }
    waiters_.clear();
  }
  for (const auto& resume : resumes) resume(Outcome::closed);
}

void ReadTurns::change(const Caller& who, std::size_t held, std::size_t bytes) {
  const std::scoped_lock lock{mutex_};
  answers_.change(who, held, bytes);
}

}  // namespace danwa::usecase
