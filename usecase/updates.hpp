#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/access.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/update_log.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::usecase {

/// Decides whether a conversation may be watched. Thread safe.
class WatchConversation {
 public:
  struct Input {
    std::string conversation_key;
    std::optional<domain::Cursor> after;
    Delivery delivery = Delivery::complete;
    std::optional<domain::Position> seen{};  ///< "now" is not before it
  };

  explicit WatchConversation(const ConversationAccess& access) : access_{access} {}

  /// The watch has a guard, and counts as presence of the caller if they have a name. Errors: `conversationKey-*`
  /// (validation); `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<Watch>> execute(Input input, domain::Credential who) const;

 private:
  const ConversationAccess& access_;
};

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

/// Reads the position of the master, for a client that wants to see no less later. Thread safe.
class ReadPosition {
 public:
  explicit ReadPosition(UpdateLog& log) : log_{log} {}

  /// Must be called after the read whose answer carries the position. Errors: `unavailable`.
  Async<domain::Result<domain::Position>> execute() const { co_return co_await log_.position(); }

 private:
  UpdateLog& log_;
};

}  // namespace danwa::usecase
