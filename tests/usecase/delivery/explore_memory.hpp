#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

namespace danwa::exploration {

/// The memory of the one world that an exploration works with. A world is a few dozen objects that point at each other.
/// Here they lie next to each other at addresses that never change, so an image of the world is a copy of these bytes,
/// and the world goes back to an earlier state when the bytes of that image come back. No class needs a copy function.
///
/// It works only in a program with the operators of explore_memory.cpp, which allocate from here while `Inside` lives.
/// In another program, such as one with AddressSanitizer, `in_use()` is false. What lies outside must not change by
/// what happens inside: the frames of the log have no counter of owners (Log::frame). One thread.
class Memory {
 public:
  static constexpr std::size_t kBytes = 1U << 15;

  /// A copy of the bytes in use.
  class Image {
   public:
    Image() = default;
    explicit Image(std::size_t size) : bytes_{std::make_unique_for_overwrite<std::byte[]>(size)}, size_{size} {}

   private:
    friend class Memory;
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0;
  };

  /// While it lives, `new` takes from here.
  class Inside {
   public:
    Inside() { active_ = true; }
    ~Inside() { active_ = false; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
  };

  static bool in_use() { return in_use_; }
  static bool active() { return active_; }
  static bool holds(const void* place) {
    return static_cast<std::size_t>(static_cast<const std::byte*>(place) - bytes_.data()) < kBytes;
  }

  /// Nothing is used any more.
  static void clear() { new (bytes_.data()) Book{}; }
  static Image save() {
    Image image{book().used};
    std::memcpy(image.bytes_.get(), bytes_.data(), image.size_);
    return image;
  }
  static void load(const Image& image) { std::memcpy(bytes_.data(), image.bytes_.get(), image.size_); }

  static void* allocate(std::size_t size) {
    const std::size_t units = units_of(size);
    Book& b = book();
    if (units < kLists && b.free[units] != 0) {
      std::byte* const block = bytes_.data() + b.free[units] * kUnit;
      std::memcpy(&b.free[units], block, sizeof(std::uint16_t));
      return block;
    }
    if (b.used + units * kUnit > kBytes) throw std::bad_alloc{};
    std::byte* const block = bytes_.data() + b.used;
    b.used += static_cast<std::uint32_t>(units * kUnit);
    return block;
  }
  /// Blocks of one size are used again. Those of an unknown size are not.
  static void release(void* place, std::size_t size) {
    const std::size_t units = units_of(size);
    if (units >= kLists) return;
    auto* const block = static_cast<std::byte*>(place);
    std::memcpy(block, &book().free[units], sizeof(std::uint16_t));
    book().free[units] = static_cast<std::uint16_t>(static_cast<std::size_t>(block - bytes_.data()) / kUnit);
  }

 private:
  friend struct MemoryInUse;
  static constexpr std::size_t kUnit = 16;
  static constexpr std::size_t kLists = 64;

  /// At the front of the memory, and a part of each image.
  struct Book {
    std::uint32_t used = (sizeof(Book) + kUnit - 1) / kUnit * kUnit;
    std::array<std::uint16_t, kLists> free{};  ///< the first free block of so many units; 0: none
  };
  static std::size_t units_of(std::size_t size) { return size == 0 ? 1 : (size + kUnit - 1) / kUnit; }
  static Book& book() { return *std::launder(reinterpret_cast<Book*>(bytes_.data())); }

  alignas(64) static inline std::array<std::byte, kBytes> bytes_;
  static inline bool in_use_ = false;
  static inline bool active_ = false;
};

}  // namespace danwa::exploration
