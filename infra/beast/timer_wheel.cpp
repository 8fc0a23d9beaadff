#include "infra/beast/timer_wheel.hpp"

#include <algorithm>

namespace danwa::beast {

void TimerWheel::Entry::unlink() {
  if (next_ == nullptr) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  next_ = previous_ = nullptr;
}

TimerWheel::Entry* TimerWheel::Slot::pop() {
  Entry* first = next_;
  first->unlink();
  return first;
}

void TimerWheel::Slot::push(Entry& entry) {
  entry.previous_ = previous_;
  entry.next_ = this;
  previous_->next_ = &entry;
  previous_ = &entry;
}

void TimerWheel::Slot::take_all(Slot& other) {
  while (!other.empty()) push(*other.pop());
}

TimerWheel::TimerWheel(Clock::time_point now) : start_{now} {}

std::uint64_t TimerWheel::tick_of(Clock::time_point time) const {
  if (time <= start_) return 0;
  return static_cast<std::uint64_t>((time - start_ + kStep - Clock::duration{1}) / kStep);
}

void TimerWheel::set(Entry& entry, Clock::time_point due) {
  entry.unlink();
  entry.due_ = due;
  // At least one tick ahead, so that the present `advance` does not meet it again; at most one round ahead. A later
  // deadline is set again when its slot comes.
  slot(std::clamp(tick_of(due), now_ + 1, now_ + kSlots - 1)).push(entry);
}

void TimerWheel::advance(Clock::time_point now) {
  const auto target = now <= start_ ? 0 : static_cast<std::uint64_t>((now - start_) / kStep);
  if (target <= now_) return;
  // After a long pause every slot is visited once. Due entries move to a list of their own first, because `on_due` may
  // set and remove entries of any slot.
  const auto rounds = std::min<std::uint64_t>(target - now_, kSlots);
  Slot woken;
  for (std::uint64_t tick = target - rounds + 1; tick <= target; ++tick) woken.take_all(slot(tick));
  now_ = target;
  while (!woken.empty()) {
    Entry& entry = *woken.pop();
    if (entry.due_ > now) {
      set(entry, entry.due_);
    } else {
      entry.on_due(now);
    }
  }
}

std::optional<TimerWheel::Clock::time_point> TimerWheel::next() const {
  for (std::uint64_t tick = now_ + 1; tick < now_ + kSlots; ++tick) {
    if (!slot(tick).empty()) return start_ + tick * kStep;
  }
  return std::nullopt;
}

void TimerWheel::clear(const std::function<void(Entry&)>& visit) {
  for (auto& slot : slots_) {
    while (!slot.empty()) visit(*slot.next_);
  }
}

}  // namespace danwa::beast
