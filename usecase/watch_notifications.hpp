#pragma once

#include <optional>

#include "domain/account/credential.hpp"
#include "domain/channel/merged_cursor.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::usecase {

/// Creates one merged watch of the caller's inboxes. Thread safe.
class WatchNotifications {
 public:
  struct Input {
    std::optional<domain::MergedCursor> after;  ///< inboxes that it does not name start at now
    Delivery delivery = Delivery::complete;
    std::optional<domain::Position> seen{};  ///< "now" is not before it
  };

  /// Errors: `token-required`; `too-many-stores` (validation).
  domain::Result<Watch> execute(const Input& input, const domain::Credential& who) const;
};

}  // namespace danwa::usecase
