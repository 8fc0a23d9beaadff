#pragma once

#include <unistd.h>
#include <cstddef>
#include <list>
#include <mutex>
#include <utility>

namespace danwa::net {

/// Owns a file descriptor and closes it. Movable, not copyable.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_{number} {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  /// Gives the number to the caller, who must close it.
  int release() { return std::exchange(number_, -1); }

  void reset(int number = -1) {
    if (number_ >= 0) ::close(number_);
    number_ = number;
  }

 private:
  int number_ = -1;
};

/// The descriptors that the client connections of a node may hold, over all ports. Each port has a guaranteed part, so
/// a flood at one port does not block the others. The rest goes to the first port that takes it. The descriptors of the
/// database, the cluster and the log are not part of the budget. Thread safe.
class DescriptorBudget {
 public:
  /// One port's part.
  class Share {
   public:
    /// Takes `count` descriptors. False, and nothing is taken, if fewer are left for this port.
    bool take(std::size_t count);
    void give_back(std::size_t count);

    /// Whether `count` more could be taken. The budget counts as larger by `overdraft`: for connections that only get
    /// the answer that the node is full.
    bool has_room(std::size_t count, std::size_t overdraft = 0) const;
    /// Counts `count` more without a check: for a port that has called `has_room` before.
    void hold(std::size_t count);
    std::size_t used() const;

   private:
    friend class DescriptorBudget;
    Share(DescriptorBudget& budget, std::size_t guaranteed) : budget_{&budget}, guaranteed_{guaranteed} {}
    std::size_t beyond(std::size_t more) const;
    bool fits(std::size_t count, std::size_t overdraft) const;

    DescriptorBudget* budget_;
    std::size_t guaranteed_;
    std::size_t used_ = 0;
  };

  explicit DescriptorBudget(std::size_t total) : total_{total} {}
  DescriptorBudget(const DescriptorBudget&) = delete;
  DescriptorBudget& operator=(const DescriptorBudget&) = delete;

  /// Adds a part for one port, with `guaranteed` descriptors. It lives as long as the budget. The sum of all guarantees
  /// must not exceed the total.
  Share& add_share(std::size_t guaranteed);
  std::size_t total() const { return total_; }

 private:
  const std::size_t total_;
  mutable std::mutex mutex_;  // connections come and go on every io thread; held for a sum over the ports
  std::list<Share> shares_;
};

}  // namespace danwa::net
