#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/conversation_access.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// Reads a page of a conversation's log. Thread safe.
class ReadUpdates {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  ReadUpdates(UpdateLog& log, const ConversationAccess& access) : log_{log}, access_{access} {}

  struct Input {
    std::string conversation_key;
    domain::Cursor after;
    std::size_t limit = 100;                 ///< 1 to 1,000
    std::optional<domain::Position> seen{};  ///< everything written up to it is shown
    ReadFrom from = ReadFrom::replica;       ///< the master after an announcement, which a replica may not have yet
  };
  struct Output {
    UpdateLog::Page page;  ///< includes its position
    bool reset = false;    ///< load afresh: the cursor is of another epoch, above the head, or below `oldest`
  };

  /// Errors: `conversationKey-*`, `limit-out-of-range` (validation); `not-granted`, `not-a-member`
  /// (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  UpdateLog& log_;
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
