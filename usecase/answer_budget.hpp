#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "usecase/turn_queue.hpp"

namespace danwa::usecase {

/// How many bytes of answers are in memory, over all callers and of each: from the read on, until an answer was
/// written or its connection is gone. Plain: no threads; one owner.
class AnswerBudget {
 public:
  struct Limits {
    std::size_t node = std::size_t{64} << 20U;     ///< bytes
    std::size_t company = std::size_t{32} << 20U;  ///< so that others still read
    std::size_t caller = std::size_t{16} << 20U;
  };
  enum class Room { enough, not_for_caller, not_on_node };

  explicit AnswerBudget(Limits limits) : limits_{limits} {}

  /// Whether `bytes` more fit. Nothing is taken.
  Room room_for(const Caller& who, std::size_t bytes) const;

  /// Counts from `held` bytes of `who` to `bytes`, whether they fit or not: they are there.
  void change(const Caller& who, std::size_t held, std::size_t bytes);

  std::size_t held() const { return held_; }
  std::size_t companies() const { return companies_.size(); }  ///< that hold something

 private:
  struct Company {
    std::size_t held = 0;
    std::unordered_map<std::string, std::size_t> callers;
  };
  Limits limits_;
  std::size_t held_ = 0;
  std::unordered_map<std::string, Company> companies_;
};

}  // namespace danwa::usecase
