#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

#include "domain/core/result.hpp"

namespace danwa::domain {

/// Names a conversation inside its company: 1 to 254 code points of UTF-8, no control characters,
/// not `.` or `..` (URL clients remove those). Compared byte by byte, no Unicode normalisation.
class ConversationKey {
 public:
  static constexpr std::size_t kMax = 254;  ///< code points

  static Result<ConversationKey> parse(std::string text);
  static ConversationKey trusted(std::string text) { return ConversationKey{std::move(text)}; }

  const std::string& value() const { return value_; }

  friend auto operator<=>(const ConversationKey&, const ConversationKey&) = default;

 private:
  explicit ConversationKey(std::string value) : value_{std::move(value)} {}
  std::string value_;
};

}  // namespace danwa::domain
