#pragma once

#include <cstdint>
#include <optional>

#include "domain/account/credential.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Removes a comment and its text everywhere. Its author may, and whoever moderates the conversation: they need no
/// membership for it, and learn nothing of the comment by it. Thread safe.
class RemoveComment {
 public:
  struct Needs {
    CommentRepository& comments;
    EventBus& events;
    const Clock& clock;
  };
  struct Input {
    domain::CommentId id;
    std::optional<std::uint64_t> expected_version{};  ///< refused when the comment has another one
    Precondition precondition{};
  };

  struct Output {
    domain::Position position;  ///< at which it is gone
  };

  explicit RemoveComment(Needs needs) : needs_{needs} {}

  /// Errors: `not-found` (also where the caller may not read); `not-granted`; `not-a-member`;
  /// `not-the-author`; `version-mismatch`; those of the precondition; `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
