#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"

namespace danwa::usecase {

/// Users who watch a conversation now, as far as this node knows. Thread safe.
class Presence {
 public:
  virtual ~Presence() = default;

  struct Page {
    std::size_t count = 0;              ///< of all present users
    std::vector<domain::UserId> users;  ///< by id
    bool more = false;                  ///< there are users above the last of `users`
  };

  /// At most `limit` users whose id is above `after`.
  virtual Page present(const domain::ChannelKey& conversation, const std::optional<domain::UserId>& after,
                       std::size_t limit) const = 0;
};

}  // namespace danwa::usecase
