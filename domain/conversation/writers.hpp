#pragma once

#include <optional>
#include <string>
#include <utility>

#include "domain/account/ids.hpp"

namespace danwa::domain {

/// Who has ever written comments in a conversation: nobody, one person, or several. A removed comment counts.
class Writers {
 public:
  Writers() = default;

  /// As `sole` has told it before.
  static Writers of(std::optional<std::string> sole) { return Writers{std::move(sole)}; }

  /// Empty: nobody has written; absent: several have.
  const std::optional<std::string>& sole() const { return sole_; }

  /// `author` writes. True when that makes a difference.
  bool add(const UserId& author) {
    if (!sole_ || *sole_ == author.value()) return false;
    if (sole_->empty()) {
      sole_ = author.value();
    } else {
      sole_.reset();
    }
    return true;
  }

  bool others_than(const UserId& user) const { return !sole_ || (!sole_->empty() && *sole_ != user.value()); }

 private:
  explicit Writers(std::optional<std::string> sole) : sole_{std::move(sole)} {}

  std::optional<std::string> sole_ = std::string{};
};

}  // namespace danwa::domain
