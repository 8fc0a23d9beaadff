#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace danwa::app::bench {

/// Counts microseconds in buckets of about 1.6 % width, up to two hours.
class Histogram {
 public:
  void add(std::int64_t us) {
    const auto value = static_cast<std::uint64_t>(us < 0 ? 0 : us);
    ++counts_[bucket(value)];
    ++total_;
    max_ = value > max_ ? value : max_;
  }
  std::uint64_t total() const { return total_; }
  std::uint64_t max() const { return max_; }

  /// The quantile `share` (0 to 1) in microseconds; 0 if nothing was counted.
  std::uint64_t at(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return upper(i) < max_ ? upper(i) : max_;
    }
    return max_;
  }

 private:
  static constexpr std::size_t kSub = 64;  // buckets for each doubling
  static std::size_t bucket(std::uint64_t value) {
    if (value < kSub) return value;
    const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 7;
    const std::size_t index = (shift + 1) * kSub + ((value >> shift) - kSub);
    return index < kBuckets ? index : kBuckets - 1;
  }
  static std::uint64_t upper(std::size_t index) {
    if (index < kSub) return index;
    const std::size_t shift = index / kSub - 1;
    return ((static_cast<std::uint64_t>(index % kSub) + kSub + 1) << shift) - 1;
  }

  static constexpr std::size_t kBuckets = 28 * kSub;
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace danwa::app::bench
