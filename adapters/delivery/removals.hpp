#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters {

using Time = std::chrono::steady_clock::time_point;  ///< always handed in, never asked for

/// Takes the text out of `frame` for all who hold it. Does nothing to a frame without text.
void redact_text(const Frame& frame);

/// Does so if `frame` may hold text of `comment`.
void redact_text_of(const Frame& frame, const domain::CommentId& comment);

/// The comments of one channel that were removed lately: a page of the log that was read before a
/// removal may arrive after it, with the text still in it. Bounded in number and in age, oldest out first.
class Removals {
 public:
  static constexpr std::size_t kMax = 256;
  static constexpr std::chrono::seconds kMaxAge{60};

  void remember(const domain::CommentId& comment, Time now);

  /// Redacts `frame` if its comment was removed.
  void screen(const Frame& frame) const;

  std::size_t size() const { return list_.size(); }

 private:
  struct Removal {
    domain::CommentId comment;
    Time at;
  };
  std::vector<Removal> list_;  // oldest first
};

}  // namespace danwa::adapters
