#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "domain/comment/comment_factory.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Gives a comment another content; only its author may. What it said before stays in the log, or goes as by a
/// removal. Thread safe.
class EditComment {
 public:
  struct Needs {
    const domain::CommentFactory& factory;
    CommentRepository& comments;
    EventBus& events;
    const Clock& clock;
  };
  struct Input {
    domain::CommentId id;
    std::string content;
    std::optional<std::uint64_t> expected_version{};  ///< refused when the comment has another one
    bool redact = false;                              ///< the texts that it had before go, wherever they are
    Precondition precondition{};
  };

  struct Output {
    domain::Comment comment;
    domain::Position position;  ///< at which it is to be seen
  };

  explicit EditComment(Needs needs) : needs_{needs} {}

  /// Errors: `content-*`; `not-found` (also where the caller may not read); `not-granted`;
  /// `not-a-member`; `not-the-author`; `version-mismatch`; those of the precondition; `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
