#include "usecase/delivery/explore_memory.hpp"

#include <cstdlib>

// The operators of a program that explores with images of its Memory.

namespace danwa::exploration {

struct MemoryInUse {
  MemoryInUse() { Memory::in_use_ = true; }
};

namespace {

const MemoryInUse kMemoryInUse;

void* allocate(std::size_t size) {
  if (Memory::active()) return Memory::allocate(size);
  if (void* const block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc{};
}

void release(void* place, std::size_t size) {
  if (place == nullptr) return;
  if (!Memory::holds(place)) return std::free(place);
  Memory::release(place, size);
}

constexpr std::size_t kUnknown = Memory::kBytes;

}  // namespace
}  // namespace danwa::exploration

void* operator new(std::size_t size) { return danwa::exploration::allocate(size); }
void* operator new[](std::size_t size) { return danwa::exploration::allocate(size); }
void operator delete(void* place) noexcept { danwa::exploration::release(place, danwa::exploration::kUnknown); }
void operator delete[](void* place) noexcept { danwa::exploration::release(place, danwa::exploration::kUnknown); }
void operator delete(void* place, std::size_t size) noexcept { danwa::exploration::release(place, size); }
void operator delete[](void* place, std::size_t size) noexcept { danwa::exploration::release(place, size); }
