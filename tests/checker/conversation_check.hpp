#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/verdict.hpp"

namespace danwa::checker {

/// Checks all events of one conversation.
class ConversationCheck {
 public:
  ConversationCheck(std::string name, Verdict& verdict, std::int64_t max_delay_us)
      : name_{std::move(name)}, verdict_{verdict}, max_delay_us_{max_delay_us} {}

  void add(const Event& event) { events_.push_back(&event); }
  void run();

 private:
  struct Known {
    std::string id;
    std::string hash;
    std::int64_t answered = 0;  // us; 0: never acknowledged
  };
  struct Take {
    std::uint64_t seq = 0;  // what the comment said before it is gone
    std::int64_t end = 0;   // us
  };
  struct Watcher {
    std::uint64_t first = 0;     // the first number it must see
    std::uint64_t next = 0;      // the number it must see next
    std::int64_t connected = 0;  // us
  };

  void learn_posts();
  void learn_takes();
  void check_log();
  void check_acknowledged_in_log(std::uint64_t last);
  void check_watchers();
  void check_delivery(Watcher& watcher, const Event& event);
  void check_real_time();
  void check_text(const Event& event, const char* where);
  void check_taken(const Event& event, const char* where);
  void wrong(const char* kind, const std::string& what) { verdict_.add(kind, name_ + ": " + what); }

  std::string name_;
  Verdict& verdict_;
  std::int64_t max_delay_us_;
  std::vector<const Event*> events_;
  std::map<std::uint64_t, Known> known_;          // by seq: as acknowledged, else as first seen
  std::unordered_map<std::string, Result> sent_;  // by hash
  std::unordered_map<std::string, Take> takes_;   // by id: the last
  std::uint64_t head_ = 0;                        // highest acknowledged
};

}  // namespace danwa::checker
