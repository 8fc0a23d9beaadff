#pragma once

#include <optional>
#include <vector>

#include "domain/account/credential.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// The conversations the caller may read, the one with the newest update in the log first. Thread safe.
class ListConversations {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  explicit ListConversations(UpdateLog& log) : log_{log} {}

  /// At most `limit` (1 to kMaxLimit) of them, from behind `behind`. Few of the company's conversations are looked at
  /// for one page: it may be short or empty and tell a `next`, with which the list goes on. Shows all that was written
  /// up to `seen`, and tells its own position. Errors: `limit-out-of-range` (validation); `unavailable`.
  Async<domain::Result<UpdateLog::Listing>> execute(std::optional<UpdateLog::ConversationMark> behind,
                                                    std::size_t limit, domain::Credential who,
                                                    std::optional<domain::Position> seen = std::nullopt) const;

 private:
  UpdateLog& log_;
};

}  // namespace danwa::usecase
