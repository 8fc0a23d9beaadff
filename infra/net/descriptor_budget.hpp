#pragma once

#include <cstddef>
#include <list>
#include <mutex>

namespace danwa::net {

/// The descriptors that client connections of a node may hold, all ports together. Each port is guaranteed a part, so
/// that a crowd at one of them leaves room at the others; the rest belongs to whoever comes first. What the database,
/// the cluster and the log need is no part of it. Thread safe.
class DescriptorBudget {
 public:
  /// One port's part.
  class Share {
   public:
    /// Takes `count` descriptors, if there are as many for this port.
    bool take(std::size_t count);
    void give_back(std::size_t count);

    /// Whether `count` more could be taken. `overdraft`: as if the budget were larger by that much, for connections
    /// that are only told that there is no room.
    bool has_room(std::size_t count, std::size_t overdraft = 0) const;
    /// Counts `count` more, room or not: for a port that has asked `has_room` before, on its way to here.
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

  /// A part for one more port, with `guaranteed` descriptors of its own. It lives as long as the budget. All parts
  /// together must not be guaranteed more than there is.
  Share& add_share(std::size_t guaranteed);
  std::size_t total() const { return total_; }

 private:
  const std::size_t total_;
  mutable std::mutex mutex_;  // connections come and go on every io thread; held for a sum over the ports
  std::list<Share> shares_;
};

}  // namespace danwa::net
