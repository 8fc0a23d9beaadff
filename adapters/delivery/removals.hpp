#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters {

using Time = std::chrono::steady_clock::time_point;  ///< always handed in, never asked for

/// Takes the text out of `frame`, for all who hold it, if it is text of `comment` from before update `before`.
void redact_text_of(const Frame& frame, const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq);

/// The comments of one channel that were removed or redacted lately: a page of the log that was read before that
/// may arrive after it, with the text still in it. Bounded in number and in age, oldest out first.
class Removals {
 public:
  static constexpr std::size_t kMax = 256;
  static constexpr std::chrono::seconds kMaxAge{60};

  /// What `comment` said before update `before` is gone.
  void remember(const domain::CommentId& comment, Time now, domain::Seq before = domain::kMaxSeq);

  /// Redacts `frame` if its text is gone.
  void screen(const Frame& frame) const;

  std::size_t size() const { return list_.size(); }

 private:
  struct Removal {
    domain::CommentId comment;
    Time at;
    domain::Seq before;
  };
  std::vector<Removal> list_;  // oldest first
};

}  // namespace danwa::adapters
