#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "domain/account/credential.hpp"
#include "domain/comment/comment_factory.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/comment_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/id_generator.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Saves a comment, then publishes it to every watcher. Thread safe.
class SendComment {
 public:
  struct Needs {
    const domain::CommentFactory& factory;
    CommentRepository& comments;
    EventBus& events;
    IdGenerator& ids;
    const Clock& clock;
  };
  struct Input {
    domain::CommentFactory::Draft draft;
    std::optional<std::string> idempotency_key;
    Precondition precondition{};  ///< on the new comment, which does not exist yet
  };
  struct Output {
    domain::Comment comment;
    bool replayed;              ///< the answer to an earlier request with the same idempotency key
    domain::Position position;  ///< of the comment
  };

  explicit SendComment(Needs needs) : needs_{needs} {}

  /// A success is durable. A retry of a comment that was saved before is answered even if this node would reject it
  /// now. Errors: those of `CommentFactory::create` and `idempotency-key-invalid`, gathered; `token-required`;
  /// `not-granted`; those of `CommentRepository::add`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  using Parsed = std::tuple<domain::Comment, std::optional<IdempotencyKey>>;
  domain::Result<Parsed> parse(const domain::CommentFactory& factory, Input input, const domain::Credential& who) const;

  Needs needs_;
};

}  // namespace danwa::usecase
