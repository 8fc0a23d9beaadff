#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "domain/comment/comment_factory.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Replaces the content of a comment; only its author may. The earlier text stays in the log, or is blanked as by a
/// removal (`redact`). Thread safe.
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
    std::optional<std::uint64_t> expected_version{};  ///< rejected if the comment has another version
    bool redact = false;                              ///< blanks the earlier texts of the comment everywhere
    Precondition precondition{};
  };

  struct Output {
    domain::Comment comment;
    domain::Position position;  ///< of the change
  };

  explicit EditComment(Needs needs) : needs_{needs} {}

  /// Errors: `content-*`; `not-found` (also if the caller may not read the comment); `not-granted`; `not-a-member`;
  /// `not-the-author`; `version-mismatch`; those of the precondition; `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
