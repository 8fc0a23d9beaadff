#pragma once

#include <optional>
#include <utility>

#include "infra/storage/changes.hpp"

// The changing half of every repository, once for all databases. `Runner` commits a change: `change(Change) ->
// Async<Result<Change::Answer>>`, and fills the answer's position; it says by `kNamesChannels` whether a change must
// name its channel before the transaction. The reading half is the database's own. Thread safe.
namespace danwa::storage {

using usecase::Async;

template <class Runner>
class CommentChanges : public usecase::CommentRepository {
 public:
  explicit CommentChanges(Runner& runner) : runner_{runner} {}

  Async<Result<Added>> add(domain::Comment comment, std::optional<usecase::IdempotencyKey> key,
                           std::optional<domain::Errors> refusal) final {
    return runner_.change(AddComment{std::move(comment), std::move(key), std::move(refusal)});
  }

  Async<Result<Modified>> modify(domain::CompanyId company, domain::UserId actor, domain::CommentId id, Edit edit,
                                 EarlierTexts earlier) final {
    CommentChange change{std::move(company), std::move(actor), id};
    return change_present(ModifyComment{std::move(change), std::move(edit), earlier == EarlierTexts::go});
  }

  Async<Result<Removed>> remove(domain::CompanyId company, domain::UserId actor, domain::CommentId id, Check check,
                                domain::Timestamp now) final {
    CommentChange change{std::move(company), std::move(actor), id};
    return change_present(RemoveComment{std::move(change), std::move(check), now});
  }

 protected:
  Runner& runner_;

 private:
  template <class Change>
  Async<Result<typename Change::Answer>> change_present(Change change) {
    if constexpr (Runner::kNamesChannels) {
      const auto present = co_await find(change.company, change.id);
      if (!present) co_return fail(present.error());
      change.channel = channel_of(*present);
    }
    co_return co_await runner_.change(std::move(change));
  }
};

template <class Runner>
class ConversationChanges : public usecase::ConversationRepository {
 public:
  explicit ConversationChanges(Runner& runner) : runner_{runner} {}

  Async<Result<Configured>> configure(Change change, Settings settings, SettingsRule rule) final {
    return runner_.change(storage::Configure{{std::move(change)}, std::move(settings), std::move(rule)});
  }

  Async<Result<Joined>> join(Change change, domain::UserId user, Rule rule) final {
    return runner_.change(storage::Join{{{std::move(change)}, std::move(user), std::move(rule)}});
  }

  Async<Result<Left>> leave(Change change, domain::UserId user, Rule rule) final {
    return runner_.change(storage::Leave{{{std::move(change)}, std::move(user), std::move(rule)}});
  }

 protected:
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

}  // namespace danwa::storage
