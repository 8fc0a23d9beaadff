#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "domain/account/credential.hpp"
#include "domain/comment/comment.hpp"
#include "domain/core/result.hpp"
#include "domain/core/time.hpp"
#include "usecase/access.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::usecase {

/// Fingerprint of a request's parsed fields: 128 bits of FNV-1a in hexadecimal, over the fields and their lengths.
/// Distinguishes a retry from another request of the same authenticated caller. It does not protect callers from
/// collisions that they construct themselves.
std::string request_hash(std::initializer_list<std::string_view> fields);

/// Parses the idempotency key of a request, if it has one; `fields` is the parsed input of the request. Errors:
/// `idempotency-key-invalid` (validation, resource "Idempotency-Key").
domain::Result<std::optional<IdempotencyKey>> parse_idempotency_key(std::optional<std::string> key,
                                                                    std::initializer_list<std::string_view> fields);

/// Present state of the target of a change.
struct Target {
  bool exists = false;
  std::optional<std::uint64_t> version{};          ///< if it has one
  std::optional<domain::Timestamp> modified_at{};  ///< if it is known
};

/// Condition of the caller for a change. It is checked last, when the change is allowed and its input valid, and inside
/// the transaction if there is one, so that nothing can change in between. Empty: no condition. Errors: kind
/// precondition_failed; nothing is changed then.
using Precondition = std::function<domain::Result<void>(const Target&)>;

inline Target target_of(const domain::Comment& comment) {
  return {.exists = true, .version = comment.version, .modified_at = comment.updated_at};
}

inline domain::Result<void> require(const Precondition& precondition, const Target& target) {
  return precondition ? precondition(target) : domain::Result<void>{};
}

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

/// Reads one comment in its present state. Thread safe.
class GetComment {
 public:
  GetComment(CommentRepository& comments, const ConversationAccess& access) : comments_{comments}, access_{access} {}

  /// Errors: `not-found`, also for a comment of another company and if the grants do not allow reading; `not-a-member`
  /// (forbidden); `unavailable`.
  Async<domain::Result<domain::Comment>> execute(domain::CommentId id, domain::Credential who) const;

 private:
  CommentRepository& comments_;
  const ConversationAccess& access_;
};

/// Reads a page of a conversation's comments in their present state; removed ones are left out. Thread safe.
class ListComments {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  ListComments(CommentRepository& comments, const ConversationAccess& access) : comments_{comments}, access_{access} {}

  /// The page shows everything that was written up to `seen`, and includes its own position. Errors:
  /// `conversationKey-*`, `limit-out-of-range` (validation); `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<CommentRepository::Page>> execute(std::string conversation_key, CommentRepository::Range range,
                                                         domain::Credential who,
                                                         std::optional<domain::Position> seen = std::nullopt) const;

 private:
  CommentRepository& comments_;
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
