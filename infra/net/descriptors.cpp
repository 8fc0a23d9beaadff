#include "infra/net/descriptors.hpp"

#include <algorithm>

namespace danwa::net {

/// The descriptors of this port beyond its guarantee, if it had `more`.
std::size_t DescriptorBudget::Share::beyond(std::size_t more) const {
  return std::max(used_ + more, guaranteed_) - guaranteed_;
}

bool DescriptorBudget::Share::fits(std::size_t count, std::size_t overdraft) const {
  std::size_t common = budget_->total_ + overdraft;  // minus all guarantees: the part for everybody
  std::size_t taken = beyond(count);                 // the used part of it
  for (const auto& share : budget_->shares_) {
    common -= std::min(common, share.guaranteed_);
    if (&share != this) taken += share.beyond(0);
  }
  return beyond(count) == 0 || taken <= common;
}

bool DescriptorBudget::Share::take(std::size_t count) {
  const std::lock_guard lock{budget_->mutex_};
  if (!fits(count, 0)) return false;
  used_ += count;
  return true;
}

bool DescriptorBudget::Share::has_room(std::size_t count, std::size_t overdraft) const {
  const std::lock_guard lock{budget_->mutex_};
  return fits(count, overdraft);
}

void DescriptorBudget::Share::hold(std::size_t count) {
  const std::lock_guard lock{budget_->mutex_};
  used_ += count;
}

void DescriptorBudget::Share::give_back(std::size_t count) {
  const std::lock_guard lock{budget_->mutex_};
  used_ -= std::min(used_, count);
}

std::size_t DescriptorBudget::Share::used() const {
  const std::lock_guard lock{budget_->mutex_};
  return used_;
}

DescriptorBudget::Share& DescriptorBudget::add_share(std::size_t guaranteed) {
  const std::lock_guard lock{mutex_};
  shares_.push_back(Share{*this, guaranteed});
  return shares_.back();
}

}  // namespace danwa::net
