#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checker/history.hpp"

namespace danwa::checker {

/// What is wrong with a run: counts by kind (`lost`, `doubled`, `swapped`, `foreign`, `stale`, `late`, `hole`) and
/// the first few in words.
struct Verdict {
  std::map<std::string, std::uint64_t> counts;
  std::vector<std::string> words;
  std::uint64_t checked_posts = 0;
  std::uint64_t checked_deliveries = 0;
  std::uint64_t checked_log = 0;

  bool fine() const { return counts.empty(); }
  void add(const std::string& kind, const std::string& what);
};

/// Holds the whole run against the promises. `max_delay_us` 0: lateness is not checked.
Verdict check(const std::vector<Event>& events, std::int64_t max_delay_us = 0);

}  // namespace danwa::checker
