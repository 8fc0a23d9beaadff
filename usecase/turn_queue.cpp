#include "usecase/turn_queue.hpp"

#include <algorithm>
#include <utility>

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

}  // namespace danwa::usecase
