#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace danwa::checker {

enum class Op { post, watch, deliver, missed, read, log, take };
enum class Result { ok, unknown, refused };

/// One line of a history; tests/checker/README.md says which members each kind has.
struct Event {
  Op op = Op::post;
  std::string conversation;
  std::string id;
  std::string hash;       ///< empty: the text was taken, or the update has none
  bool is_added = true;   ///< of `deliver` and `log`: it shows the comment as it was sent
  bool has_text = true;   ///< the same: a kind of update that has one, unless it was taken
  std::uint64_t seq = 0;  ///< of `read`: the head; of `watch`: after; of `missed`: from
  std::uint64_t to = 0;   ///< of `missed`
  std::uint64_t watcher = 0;
  std::int64_t start = 0;  ///< us; of `deliver` and `watch`: at
  std::int64_t end = 0;    ///< us
  Result result = Result::ok;
};

/// Appends the events of a stream. Throws std::runtime_error naming the line that is none.
void read_history(std::istream& in, std::vector<Event>& events);

}  // namespace danwa::checker
