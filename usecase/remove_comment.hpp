#pragma once

#include <cstdint>
#include <optional>

#include "domain/account/credential.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Removes a comment and its text everywhere. The author may, and so may every moderator of the conversation. A
/// moderator needs no membership for it, and learns nothing about the comment from it. Thread safe.
class RemoveComment {
 public:
  struct Needs {
    CommentRepository& comments;
    EventBus& events;
    const Clock& clock;
  };
  struct Input {
    domain::CommentId id;
    std::optional<std::uint64_t> expected_version{};  ///< rejected if the comment has another version
    Precondition precondition{};
  };

  struct Output {
    domain::Position position;  ///< of the removal
  };

  explicit RemoveComment(Needs needs) : needs_{needs} {}

  /// Errors: `not-found` (also if the caller may not read the comment); `not-granted`; `not-a-member`;
  /// `not-the-author`; `version-mismatch`; those of the precondition; `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
