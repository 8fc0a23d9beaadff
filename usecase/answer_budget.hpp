#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "usecase/turn_queue.hpp"

namespace danwa::usecase {

/// Counts the bytes of answers in memory, in all and per company and caller: from the read until the answer was written
/// or its connection is gone. Plain: no threads; one owner.
class AnswerBudget {
 public:
  struct Limits {
    std::size_t node = std::size_t{64} << 20U;     ///< bytes
    std::size_t company = std::size_t{32} << 20U;  ///< leaves space for other companies
    std::size_t caller = std::size_t{16} << 20U;
  };
  enum class Room { enough, not_for_caller, not_on_node };

  explicit AnswerBudget(Limits limits) : limits_{limits} {}

  /// Tells whether `bytes` more fit. Reserves nothing.
  Room room_for(const Caller& who, std::size_t bytes) const;

  /// Changes the count of `who` from `held` to `bytes`, even beyond a limit, because the bytes exist already.
  void change(const Caller& who, std::size_t held, std::size_t bytes);

  std::size_t held() const { return held_; }
  std::size_t companies() const { return companies_.size(); }  ///< with at least one byte

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
