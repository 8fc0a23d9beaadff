#pragma once

#include <compare>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "usecase/ports/repositories.hpp"

// Every change that a node can make, once for all databases: the keys in which it may conflict with others, the facts
// that it reads, and the rows that follow from the decision of the domain. A database gives each change two objects
// inside its write transaction:
//
// - facts: `enter`, `head`, `view`, `member`, `is_alone`, `outsiders`, `comment`, `earlier_comment`,
//   `earlier_notification`, each as it is at this moment of the transaction;
// - rows: `append` (an event grows the log of its channel; returns the channel's id), `insert_comment`,
//   `replace_comment`, `remove_comment`, `insert_notification`, `save_member`, `delete_member`, `save_settings`.
//
// SQLite reads a fact when a change calls for it. PostgreSQL reads the facts of a whole batch in one round trip, so
// there a change declares them first (`need`). `decide` may be called again after a rollback, so it changes nothing of
// its own.
namespace danwa::storage {

using domain::channel_of;
using domain::fail;
using domain::Result;

/// The keys of a change, by which a database decides which changes may share a transaction. No other change of the
/// batch may use `channel` if `alone` is true. No other change may have an equal key in `exclusive` (ids, idempotency
/// keys).
struct ConflictKeys {
  domain::ChannelKey channel;
  bool alone = true;
  std::vector<std::string> exclusive{};
};

/// An idempotency key: company, sender, key.
struct Request {
  domain::CompanyId company;
  domain::UserId sender;
  std::string key;
  friend auto operator<=>(const Request&, const Request&) = default;

  /// The text of this key in `realm`, for ConflictKeys. Its parts are valid UTF-8, which never contains the byte 255.
  std::string thing(const char* realm) const { return company.value() + realm + sender.value() + '\xFF' + key; }
};

struct AddComment {
  using Answer = usecase::CommentRepository::Added;
  domain::Comment comment;
  std::optional<domain::IdempotencyKey> key;
  std::optional<domain::Errors> refusal;

  Request request() const { return {comment.company, comment.author, key->key}; }

  ConflictKeys conflict_keys() const {
    ConflictKeys conflict_keys{channel_of(comment), false, {comment.id.to_string()}};
    if (key) conflict_keys.exclusive.push_back(request().thing("\xFF"));
    return conflict_keys;
  }

  template <class Facts>
  void need(Facts& facts) const {
    facts.need_member(channel_of(comment), comment.author);
    if (key) facts.need_earlier_comment(request());
  }

  template <class Facts, class Rows>
  Result<Answer> decide(Facts& facts, Rows& rows) const {
    const auto channel = channel_of(comment);
    domain::AddFacts found{facts.enter(channel, comment.author), {}, rows.head(channel)};
    if (key) found.earlier = facts.earlier_comment(request());
    auto decided = domain::decide_add(std::move(found), comment, key, refusal);
    if (!decided) return fail(std::move(decided).error());
    if (!decided->replayed) rows.insert_comment(decided->comment, key);
    return Answer{std::move(decided->comment), decided->replayed};
  }
};

/// A change of a comment by `actor`.
struct CommentChange {
  domain::CompanyId company;
  domain::UserId actor;
  domain::CommentId id;
  std::optional<domain::ChannelKey> channel{};  ///< of the comment; set if `kNamesChannels` requires it

  ConflictKeys conflict_keys() const { return {*channel, true, {id.to_string()}}; }

  template <class Facts>
  void need(Facts& facts) const {
    facts.need_comment(id);
    facts.need_member(*channel, actor);
  }

 protected:
  template <class Facts, class Rows>
  domain::CommentFacts find(Facts& facts, Rows& rows) const {
    domain::CommentFacts found{facts.comment(company, id)};
    if (!found.present) return found;
    const auto place = channel_of(*found.present);
    found.entered = facts.enter(place, actor);
    found.head = rows.head(place);
    return found;
  }
};

struct ModifyComment : CommentChange {
  using Answer = usecase::CommentRepository::Modified;
  domain::EditRule edit;
  bool redacts;

  template <class Facts, class Rows>
  Result<Answer> decide(Facts& facts, Rows& rows) const {
    auto decided = domain::decide_modify(find(facts, rows), edit, redacts);
    if (!decided) return fail(std::move(decided).error());
    rows.replace_comment(*decided);
    return Answer{std::move(*decided)};
  }
};

struct RemoveComment : CommentChange {
  using Answer = usecase::CommentRepository::Removed;
  domain::RemovalRule check;
  domain::Timestamp now;

  template <class Facts, class Rows>
  Result<Answer> decide(Facts& facts, Rows& rows) const {
    const auto found = find(facts, rows);
    auto decided = domain::decide_remove(found, check, actor, now);
    if (!decided) return fail(std::move(decided).error());
    rows.remove_comment(*decided, found.present->seq);
    return Answer{std::move(*decided)};
  }
};

/// A change of a conversation by `change.by`. No other change of the batch may use its channel.
struct InConversation {
  domain::ConversationChange change;

  ConflictKeys conflict_keys() const { return {channel_of(change), true}; }
};

struct Configure : InConversation {
  using Answer = usecase::ConversationRepository::Configured;
  domain::ConversationSettings settings;
  domain::SettingsRule rule;

  template <class Facts>
  void need(Facts& facts) const {
    facts.need_view(channel_of(change), change.by);
    if (settings.visibility == domain::Visibility::restricted) facts.need_outsiders(channel_of(change));
  }

  template <class Facts, class Rows>
  Result<Answer> decide(Facts& facts, Rows& rows) const {
    const auto channel = channel_of(change);
    domain::ConfigureFacts found{facts.view(channel, change.by), facts.member(channel, change.by), {}};
    found.view.membership.alone = facts.is_alone(channel, change.by);
    if (domain::may_close(found.view.conversation, settings)) found.authors = facts.outsiders(channel);
    auto decided = domain::decide_configure(std::move(found), change, settings, rule);
    if (!decided) return fail(std::move(decided).error());
    for (const auto& joined : decided->joined) rows.append(joined);
    if (decided->changed) {
      const auto id = rows.append(*decided->changed);
      for (const auto& member : decided->members) rows.save_member(id, member);
      rows.save_settings(channel, decided->changed->conversation);
    }
    return Answer{std::move(decided->view), decided->created, std::move(decided->joined), std::move(decided->changed)};
  }
};

/// A change of the membership of `user`.
struct MembershipChange : InConversation {
  domain::UserId user;
  domain::MembershipRule rule;

  template <class Facts>
  void need(Facts& facts) const {
    facts.need_view(channel_of(change), change.by);
    facts.need_member(channel_of(change), user);
  }

 protected:
  template <class Facts>
  domain::ConversationView view(Facts& facts) const {
    auto seen = facts.view(channel_of(change), change.by);
    seen.member = facts.member(channel_of(change), user);
    return seen;
  }
};

struct Join : MembershipChange {
  using Answer = usecase::ConversationRepository::Joined;

  template <class Facts, class Rows>
  Result<Answer> decide(Facts& facts, Rows& rows) const {
    auto decided = domain::decide_join(view(facts), change, user, rule);
    if (!decided) return fail(std::move(decided).error());
    if (decided->event) rows.save_member(rows.append(*decided->event), decided->member);
    return Answer{std::move(decided->member), std::move(decided->event)};
  }
};

struct Leave : MembershipChange {
  using Answer = usecase::ConversationRepository::Left;

  template <class Facts, class Rows>
  Result<Answer> decide(Facts& facts, Rows& rows) const {
    auto decided = domain::decide_leave(view(facts), change, user, rule);
    if (!decided) return fail(std::move(decided).error());
    if (*decided) rows.delete_member(rows.append(**decided), user);
    return Answer{std::move(*decided)};
  }
};

struct AddNotification {
  using Answer = usecase::NotificationRepository::Added;
  domain::Notification notification;
  std::optional<domain::IdempotencyKey> key;

  Request request() const { return {notification.to.company, notification.sender, key->key}; }

  ConflictKeys conflict_keys() const {
    ConflictKeys conflict_keys{notification.to, false, {notification.id.to_string()}};
    if (key) conflict_keys.exclusive.push_back(request().thing("\xFF\xFF"));
    return conflict_keys;
  }

  template <class Facts>
  void need(Facts& facts) const {
    if (key) facts.need_earlier_notification(request());
  }

  template <class Facts, class Rows>
  Result<Answer> decide(Facts& facts, Rows& rows) const {
    std::optional<domain::EarlierNotification> earlier;
    if (key) earlier = facts.earlier_notification(request());
    auto decided = domain::decide_notify(earlier, rows.head(notification.to), notification, key);
    if (!decided) return fail(std::move(decided).error());
    if (!decided->replayed) rows.insert_notification(decided->notification, key);
    return Answer{std::move(decided->notification), decided->replayed};
  }
};

}  // namespace danwa::storage
