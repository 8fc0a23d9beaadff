#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <utility>

#include "domain/core/result.hpp"

namespace danwa::domain {

/// The text of a comment: 1 to `max` code points of UTF-8, no NUL.
class CommentContent {
 public:
  static constexpr std::size_t kDefaultMax = 4000;  ///< code points
  static constexpr std::size_t kMost = 10'000;      ///< code points that any node may allow

  static Result<CommentContent> parse(std::string text, std::size_t max = kDefaultMax);
  static CommentContent trusted(std::string text) { return CommentContent{std::move(text)}; }

  const std::string& value() const { return value_; }

  friend auto operator<=>(const CommentContent&, const CommentContent&) = default;

 private:
  explicit CommentContent(std::string value) : value_{std::move(value)} {}
  std::string value_;
};

}  // namespace danwa::domain
