#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::usecase {

/// Users who watch a conversation now, over all nodes. Thread safe.
class Presence {
 public:
  virtual ~Presence() = default;

  struct Page {
    std::size_t count = 0;              ///< of all present users
    std::vector<domain::UserId> users;  ///< by id
    bool more = false;                  ///< there are users above the last of `users`
  };

  /// At most `limit` users whose id is above `after`. The answer comes at once if this node knows the conversation. If
  /// not, the other nodes are asked, which takes some milliseconds, and 200 ms at most.
  virtual Async<Page> present(domain::ChannelKey conversation, std::optional<domain::UserId> after,
                              std::size_t limit) = 0;
};

}  // namespace danwa::usecase
