#include "usecase/answer_budget.hpp"

namespace danwa::usecase {

AnswerBudget::Room AnswerBudget::room_for(const Caller& who, std::size_t bytes) const {
  if (held_ + bytes > limits_.node) return Room::not_on_node;
  const auto company = companies_.find(who.company);
  if (company == companies_.end()) return Room::enough;
  if (company->second.held + bytes > limits_.company) return Room::not_on_node;
  const auto caller = company->second.callers.find(who.user);
  const bool fits = caller == company->second.callers.end() || caller->second + bytes <= limits_.caller;
  return fits ? Room::enough : Room::not_for_caller;
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

}  // namespace danwa::usecase
