#pragma once

#include <optional>
#include <vector>

#include "domain/channel/cursor.hpp"
#include "domain/comment/decisions.hpp"
#include "domain/conversation/decisions.hpp"
#include "domain/notification/notification.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/freshness.hpp"

namespace danwa::usecase {

using domain::IdempotencyKey;

/// Comments and, in the same transaction, the updates that they cause in the log of their conversation. The transaction
/// also checks whether the caller may enter the conversation at that moment. Thread safe. A success is durable, and its
/// position is that of the change or a later one. Errors of all: `unavailable` if the database cannot answer now. Then
/// nothing was changed; after a lost commit the outcome has been looked up.
class CommentRepository {
 public:
  virtual ~CommentRepository() = default;

  struct Added {
    domain::Comment comment;  ///< as saved, with its seq
    bool replayed = false;    ///< an earlier request with this idempotency key made it
    domain::Position position{};
  };

  /// Saves `comment` under the next seq of its conversation, as domain::decide_add decides. `refusal`: the reason why
  /// this node would not save it as a new comment. Then only an earlier comment with the same key is returned.
  virtual Async<domain::Result<Added>> add(domain::Comment comment, std::optional<IdempotencyKey> key,
                                           std::optional<domain::Errors> refusal = std::nullopt) = 0;

  /// The comment `id`, if it exists in `company` and was not removed; else `not_found`.
  virtual Async<domain::Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) = 0;

  /// Decide on the present state, inside the transaction. Run on: the database's writer thread.
  using Entered = domain::Result<void>;
  using Edit = domain::EditRule;
  using Check = domain::RemovalRule;

  enum class EarlierTexts { stay, go };

  struct Modified {
    domain::CommentModified event;
    domain::Position position{};
  };
  /// Replaces the comment by the result of `edit`, as domain::decide_modify decides. With EarlierTexts::go its texts
  /// are blanked in all earlier updates, as by a removal.
  virtual Async<domain::Result<Modified>> modify(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                 Edit edit, EarlierTexts earlier) = 0;

  struct Removed {
    domain::CommentRemoved event;
    domain::Position position{};
  };
  /// Removes the comment if `check` allows it, as domain::decide_remove decides. Its text, its clientRef and the hash
  /// of its request are blanked in its row and in all its earlier updates.
  virtual Async<domain::Result<Removed>> remove(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                Check check, domain::Timestamp now) = 0;

  /// The comments of a conversation with seq in (after, before): the newest `limit` of them if `after` is absent, else
  /// the oldest `limit`; fewer if their text fills a page before (PageSize). The page has ascending seqs. A short page
  /// may not be the last one: see `more`.
  struct Range {
    std::optional<domain::Seq> after;
    std::optional<domain::Seq> before;
    std::size_t limit = 50;  ///< 1 to 1,000
  };
  struct Page {
    std::vector<domain::Comment> comments;
    domain::Seq head = 0;
    domain::Epoch epoch;
    bool more = false;                           ///< there are further comments in the direction of reading
    std::optional<domain::Position> position{};  ///< of that snapshot or a moment later; present if requested
  };
  virtual Async<domain::Result<Page>> list(domain::CompanyId company, domain::ConversationKey conversation, Range range,
                                           Freshness wanted) = 0;
};

/// Settings and members of conversations and, in the same transaction, the updates that they cause. Reads only the
/// master. Thread safe. A success is durable. Each change returns a position that covers its result, even if nothing
/// had to be changed. Errors of all: `unavailable`; those of the given rule.
class ConversationRepository {
 public:
  virtual ~ConversationRepository() = default;

  using AccessContext = domain::ConversationView;
  virtual Async<domain::Result<AccessContext>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                                    domain::UserId user) = 0;

  /// Decide on the present state, inside the transaction. Run on: the database's writer thread.
  using Rule = domain::MembershipRule;
  using SettingsRule = domain::SettingsRule;

  using Change = domain::ConversationChange;
  using Settings = domain::ConversationSettings;

  struct Configured {
    AccessContext view;                                  ///< afterwards, as `by` sees it
    bool created = false;                                ///< it had no row
    std::vector<domain::MemberJoined> joined;            ///< `by` as its owner, then authors by their ids
    std::optional<domain::ConversationChanged> changed;  ///< absent: it was so before
    domain::Position position{};
  };
  /// Sets what `rule` makes of `settings`, as domain::decide_configure decides.
  virtual Async<domain::Result<Configured>> configure(Change change, Settings settings, SettingsRule rule) = 0;

  struct Joined {
    domain::Member member;
    std::optional<domain::MemberJoined> event;  ///< absent: was a member before
    domain::Position position{};
  };
  /// Makes `user` a member if `rule`, which gets the view of `change.by`, allows it (domain::decide_join).
  virtual Async<domain::Result<Joined>> join(Change change, domain::UserId user, Rule rule) = 0;

  struct Left {
    std::optional<domain::MemberLeft> event;  ///< absent: was not a member
    domain::Position position{};
  };
  /// Ends the membership of `user` if `rule` allows it (domain::decide_leave).
  virtual Async<domain::Result<Left>> leave(Change change, domain::UserId user, Rule rule) = 0;

  struct Members {
    std::vector<domain::Member> members;  ///< by user id
    bool more = false;
    AccessContext view;  ///< of `viewer`, in the same snapshot
  };
  /// At most `limit` (1 to 1,000) members with a user id above `after`; fewer if their names fill a page before
  /// (PageSize). A short page may not be the last one: see `more`.
  virtual Async<domain::Result<Members>> members(domain::CompanyId company, domain::ConversationKey conversation,
                                                 domain::UserId viewer, std::optional<domain::UserId> after,
                                                 std::size_t limit) = 0;
};

/// Saves notifications in the logs of their inboxes. Thread safe. A success is durable.
class NotificationRepository {
 public:
  virtual ~NotificationRepository() = default;

  struct Added {
    domain::Notification notification;  ///< as saved, with its seq
    bool replayed = false;              ///< created by an earlier request with this idempotency key
    domain::Position position{};        ///< of the notification
  };

  /// Saves `notification` as domain::decide_notify decides. A key belongs to one company and sender. Errors: those of
  /// the decision; `unavailable`.
  virtual Async<domain::Result<Added>> add(domain::Notification notification, std::optional<IdempotencyKey> key) = 0;
};

}  // namespace danwa::usecase
