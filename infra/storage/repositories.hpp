#pragma once

#include <optional>
#include <utility>

#include "infra/storage/changes.hpp"
#include "infra/storage/reads.hpp"

// The repositories, once for all databases: a call becomes a change or a read, and `Runner` takes it to the database.
//
// - `change(Change) -> Async<Result<Change::Answer>>` commits a change, and fills in the position of the answer;
// - `read(Read, Freshness) -> Async<Result<Read::Answer>>` reads, and fills in the position if it is asked for;
// - `position() -> Async<Result<Position>>` is that of the master;
// - `kNamesChannels` is true if a change must know its channel before the transaction.
//
// Comments are listed, and updates read, where the caller says; everything else is read from the master. Thread safe.
namespace danwa::storage {

using usecase::Async;
using usecase::Freshness;
using usecase::ReadFrom;

template <class Runner>
class Comments final : public usecase::CommentRepository {
 public:
  explicit Comments(Runner& runner) : runner_{runner} {}

  Async<Result<Added>> add(domain::Comment comment, std::optional<usecase::IdempotencyKey> key,
                           std::optional<domain::Errors> refusal) override {
    return runner_.change(AddComment{std::move(comment), std::move(key), std::move(refusal)});
  }

  Async<Result<Modified>> modify(domain::CompanyId company, domain::UserId actor, domain::CommentId id, Edit edit,
                                 EarlierTexts earlier) override {
    CommentChange change{std::move(company), std::move(actor), id};
    return change_present(ModifyComment{std::move(change), std::move(edit), earlier == EarlierTexts::go});
  }

  Async<Result<Removed>> remove(domain::CompanyId company, domain::UserId actor, domain::CommentId id, Check check,
                                domain::Timestamp now) override {
    CommentChange change{std::move(company), std::move(actor), id};
    return change_present(RemoveComment{std::move(change), std::move(check), now});
  }

  Async<Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override {
    FindComment read{std::move(company), id};
    auto found = co_await runner_.read(std::move(read), ReadFrom::master);
    if (!found) co_return fail(std::move(found).error());
    if (!*found) co_return fail(domain::comment_not_found());
    co_return std::move(**found);
  }

  Async<Result<Page>> list(domain::CompanyId company, domain::ConversationKey conversation, Range range,
                           Freshness wanted) override {
    auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
    return runner_.read(ListComments{std::move(channel), range}, std::move(wanted));
  }

 private:
  /// A comment never moves to another conversation, so a result from before the transaction is still right inside it.
  template <class Change>
  Async<Result<typename Change::Answer>> change_present(Change change) {
    if constexpr (Runner::kNamesChannels) {
      const auto present = co_await find(change.company, change.id);
      if (!present) co_return fail(present.error());
      change.channel = channel_of(*present);
    }
    co_return co_await runner_.change(std::move(change));
  }

  Runner& runner_;
};

template <class Runner>
class Conversations final : public usecase::ConversationRepository {
 public:
  explicit Conversations(Runner& runner) : runner_{runner} {}

  Async<Result<Configured>> configure(Change change, Settings settings, SettingsRule rule) override {
    return runner_.change(storage::Configure{{std::move(change)}, std::move(settings), std::move(rule)});
  }

  Async<Result<Joined>> join(Change change, domain::UserId user, Rule rule) override {
    return runner_.change(storage::Join{{{std::move(change)}, std::move(user), std::move(rule)}});
  }

  Async<Result<Left>> leave(Change change, domain::UserId user, Rule rule) override {
    return runner_.change(storage::Leave{{{std::move(change)}, std::move(user), std::move(rule)}});
  }

  Async<Result<AccessContext>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                    domain::UserId user) override {
    auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
    return runner_.read(ViewConversation{std::move(channel), std::move(user)}, ReadFrom::master);
  }

  Async<Result<Members>> members(domain::CompanyId company, domain::ConversationKey conversation, domain::UserId viewer,
                                 std::optional<domain::UserId> after, std::size_t limit) override {
    auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
    ListMembers read{std::move(channel), std::move(viewer), after ? after->value() : std::string{}, limit};
    return runner_.read(std::move(read), ReadFrom::master);
  }

 private:
  Runner& runner_;
};

template <class Runner>
class Notifications final : public usecase::NotificationRepository {
 public:
  explicit Notifications(Runner& runner) : runner_{runner} {}

  Async<Result<Added>> add(domain::Notification notification, std::optional<usecase::IdempotencyKey> key) override {
    return runner_.change(AddNotification{std::move(notification), std::move(key)});
  }

 private:
  Runner& runner_;
};

template <class Runner>
class Log final : public usecase::UpdateLog {
 public:
  explicit Log(Runner& runner) : runner_{runner} {}

  Async<Result<Heads>> heads(std::vector<domain::ChannelKey> channels, ReadFrom from) override {
    return runner_.read(FindHeads{std::move(channels)}, from);
  }

  Async<Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last, usecase::PageSize size,
                           Freshness wanted) override {
    return runner_.read(ReadUpdates{std::move(channel), first, last, size}, std::move(wanted));
  }

  Async<Result<Listing>> conversations(ListingRequest request, Freshness wanted) override {
    return runner_.read(ListConversations{std::move(request)}, std::move(wanted));
  }

  Async<Result<domain::Position>> position() override { return runner_.position(); }

 private:
  Runner& runner_;
};

}  // namespace danwa::storage
