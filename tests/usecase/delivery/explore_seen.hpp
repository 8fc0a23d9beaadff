#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <utility>

namespace danwa::exploration {

/// The states that were seen: digest to number. Open addressing, at most two thirds full. Almost every look-up misses
/// the caches of the processor, so the memory has large pages where the kernel gives them.
class SeenStates {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  SeenStates() : slots_{map(1U << 16)} {}
  ~SeenStates() { unmap(slots_); }
  SeenStates(const SeenStates&) = delete;
  SeenStates& operator=(const SeenStates&) = delete;

  /// The number of this state; a new one gets `next`.
  std::uint32_t find_or_add(std::uint64_t digest, std::uint32_t next) {
    if (3 * (count_ + 1) > 2 * slots_.size()) grow();
    Slot& slot = place_of(slots_, digest);
    if (slot.used) return slot.number;
    slot = {digest, next, 1};
    ++count_;
    return next;
  }

 private:
  struct Slot {
    std::uint64_t digest;
    std::uint32_t number;
    std::uint32_t used;
  };
  using Slots = std::span<Slot>;

  static Slots map(std::size_t count) {
    void* const place =
        ::mmap(nullptr, count * sizeof(Slot), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc{};
    ::madvise(place, count * sizeof(Slot), MADV_HUGEPAGE);
    return {static_cast<Slot*>(place), count};  // zeros: unused
  }
  static void unmap(Slots slots) { ::munmap(slots.data(), slots.size_bytes()); }

  static Slot& place_of(Slots slots, std::uint64_t digest) {
    auto at = digest & (slots.size() - 1);
    while (slots[at].used != 0 && slots[at].digest != digest) at = (at + 1) & (slots.size() - 1);
    return slots[at];
  }
  void grow() {
    const Slots more = map(2 * slots_.size());
    for (const Slot& slot : slots_) {
      if (slot.used != 0) place_of(more, slot.digest) = slot;
    }
    unmap(std::exchange(slots_, more));
  }

  Slots slots_;
  std::size_t count_ = 0;
};

}  // namespace danwa::exploration
