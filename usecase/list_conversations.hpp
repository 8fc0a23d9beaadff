#pragma once

#include <optional>
#include <vector>

#include "domain/account/credential.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// Lists the conversations that the caller may read, the one with the newest update in the log first. Thread safe.
class ListConversations {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  explicit ListConversations(UpdateLog& log) : log_{log} {}

  /// Returns at most `limit` (1 to kMaxLimit) conversations, from behind `behind`. A bounded number of the company's
  /// conversations is examined for one page, so a page may be short or empty and still have a `next`, with which the
  /// list continues. The page shows everything that was written up to `seen`, and includes its own position. Errors:
  /// `limit-out-of-range` (validation); `unavailable`.
  Async<domain::Result<UpdateLog::Listing>> execute(std::optional<UpdateLog::ConversationMark> behind,
                                                    std::size_t limit, domain::Credential who,
                                                    std::optional<domain::Position> seen = std::nullopt) const;

 private:
  UpdateLog& log_;
};

}  // namespace danwa::usecase
