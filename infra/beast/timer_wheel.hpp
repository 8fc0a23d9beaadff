#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace danwa::beast {

/// Deadlines of many connections for the price of one timer (Varghese and Lauck's hashed wheel). Setting and removing
/// cost a few pointers. A deadline fires up to `kStep` late, never early. Owned by one thread; allocates nothing.
class TimerWheel {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kStep{50};

  /// An object with a deadline. Its destructor removes it from the wheel.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() { unlink(); }
    virtual void on_due(Clock::time_point now) = 0;

   private:
    friend class TimerWheel;
    void unlink();
    Entry* next_ = nullptr;
    Entry* previous_ = nullptr;
    Clock::time_point due_{};
  };

  explicit TimerWheel(Clock::time_point now);

  /// Sets or moves the entry's deadline.
  void set(Entry& entry, Clock::time_point due);
  static void remove(Entry& entry) { entry.unlink(); }

  /// Calls `on_due` of all entries that are due. An entry may set and remove itself and others meanwhile.
  void advance(Clock::time_point now);

  /// The time of the next call to `advance`; empty while no entry waits.
  std::optional<Clock::time_point> next() const;

  /// Calls `visit` for one entry after another until none is left; `visit` must remove the entry.
  void clear(const std::function<void(Entry&)>& visit);

 private:
  static constexpr std::size_t kSlots = 1024;  // 51.2 s; later deadlines go around again

  struct Slot final : Entry {
    Slot() { next_ = previous_ = this; }
    void on_due(Clock::time_point) override {}
    bool empty() const { return next_ == this; }
    Entry* pop();
    void push(Entry& entry);
    void take_all(Slot& other);
    friend class TimerWheel;
  };
  Slot& slot(std::uint64_t tick) { return slots_[tick % kSlots]; }
  const Slot& slot(std::uint64_t tick) const { return slots_[tick % kSlots]; }
  std::uint64_t tick_of(Clock::time_point time) const;  // the first tick that is not before `time`

  Clock::time_point start_;
  std::uint64_t now_ = 0;  // the last tick that was handled
  std::array<Slot, kSlots> slots_;
};

}  // namespace danwa::beast
