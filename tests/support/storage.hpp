#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/comment/decisions.hpp"
#include "support/comments.hpp"
#include "support/coroutine_thread.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::tests {

/// The storage ports, called and waited for.
class Storage {
 public:
  using Repository = usecase::CommentRepository;
  using Log = usecase::UpdateLog;
  using Rooms = usecase::ConversationRepository;
  using Notices = usecase::NotificationRepository;
  template <class T>
  using Result = domain::Result<T>;

  Storage(Repository& comments, Log& log, Rooms& rooms, Notices& notices)
      : comments_{comments}, log_{log}, rooms_{rooms}, notices_{notices} {}

  template <class T>
  static auto event_of(Result<T> done) {
    return std::move(done).map([](T ok) { return std::move(ok.event); });
  }
  Result<Repository::Added> add(domain::Comment comment, std::optional<usecase::IdempotencyKey> key = {},
                                std::optional<domain::Errors> refusal = {}) {
    return thread_.run(comments_.add(std::move(comment), std::move(key), std::move(refusal)));
  }
  std::future<Result<Repository::Added>> start_add(domain::Comment comment) {
    return thread_.start(comments_.add(std::move(comment), std::nullopt));
  }
  Result<domain::Comment> find(domain::CommentId id, domain::CompanyId owner = company()) {
    return thread_.run(comments_.find(std::move(owner), id));
  }
  Result<domain::CommentModified> edit(domain::CommentId id, std::string content, domain::Timestamp now,
                                       Repository::EarlierTexts earlier = kStay) {
    auto edit = [content = std::move(content), now, redact = earlier == kGo](const domain::Comment& c) {
      return c.edited(c.author, domain::CommentContent::trusted(content), std::nullopt, now, redact);
    };
    return modify(id, std::move(edit), user(), earlier);
  }
  /// What an author does, who must be inside.
  using Edit = std::function<Result<domain::Comment>(const domain::Comment&)>;
  using Check = std::function<Result<void>(const domain::Comment&)>;
  static constexpr auto kStay = Repository::EarlierTexts::stay;
  static constexpr auto kGo = Repository::EarlierTexts::go;

  /// What was decided, told only to those inside; but that there is no such comment comes first.
  template <class T>
  static Result<T> told_inside(const Repository::Entered& entered, Result<T> decided) {
    const bool hidden = !decided && decided.error().first().kind == domain::ErrorKind::not_found;
    if (hidden || entered) return decided;
    return domain::fail(entered.error());
  }

  Result<domain::CommentModified> modify(domain::CommentId id, Edit edit, domain::UserId actor = user(),
                                         Repository::EarlierTexts earlier = kStay) {
    return event_of(modify_placed(id, std::move(edit), std::move(actor), earlier));
  }
  Result<Repository::Modified> modify_placed(domain::CommentId id, Edit edit, domain::UserId actor = user(),
                                             Repository::EarlierTexts earlier = kStay) {
    auto inside = [edit = std::move(edit)](const domain::Comment& comment, const Repository::Entered& entered) {
      return told_inside(entered, edit(comment));
    };
    return thread_.run(comments_.modify(company(), std::move(actor), id, std::move(inside), earlier));
  }
  Result<domain::CommentRemoved> remove(domain::CommentId id, domain::Timestamp now,
                                        domain::CompanyId owner = company()) {
    return remove(
        id, now, [](const domain::Comment&) -> Result<void> { return {}; }, std::move(owner));
  }
  Result<domain::CommentRemoved> remove(domain::CommentId id, domain::Timestamp now, Check check,
                                        domain::CompanyId owner = company(), domain::UserId actor = user()) {
    return event_of(remove_placed(id, now, std::move(check), std::move(owner), std::move(actor)));
  }
  Result<Repository::Removed> remove_placed(domain::CommentId id, domain::Timestamp now, Check check,
                                            domain::CompanyId owner = company(), domain::UserId actor = user()) {
    auto inside = [check = std::move(check)](const domain::Comment& comment, const Repository::Entered& entered) {
      return told_inside(entered, check(comment));
    };
    return remove_by(id, now, std::move(inside), std::move(owner), std::move(actor));
  }
  Result<Repository::Removed> remove_by(domain::CommentId id, domain::Timestamp now, Repository::Check check,
                                        domain::CompanyId owner, domain::UserId actor) {
    return thread_.run(comments_.remove(std::move(owner), std::move(actor), id, std::move(check), now));
  }
  Result<Repository::Page> list(Repository::Range range, domain::ConversationKey key = conversation(),
                                usecase::Freshness wanted = {}) {
    return thread_.run(comments_.list(company(), std::move(key), range, std::move(wanted)));
  }
  Result<Log::Head> head(domain::ChannelKey channel = lobby()) {
    const auto found = heads({std::move(channel)});
    if (!found) return domain::fail(found.error());
    return Log::Head{found->epoch, found->seqs.at(0)};
  }
  Result<Log::Heads> heads(std::vector<domain::ChannelKey> channels) {
    return thread_.run(log_.heads(std::move(channels), usecase::ReadFrom::master));
  }
  Result<Log::Page> read(domain::Seq first, domain::Seq last, usecase::PageSize size = std::size_t{1000},
                         domain::ChannelKey channel = lobby(), usecase::Freshness wanted = {}) {
    return thread_.run(log_.read(std::move(channel), first, last, size, std::move(wanted)));
  }
  Result<std::vector<Log::ConversationSummary>> conversations(std::optional<Log::ConversationMark> behind,
                                                              std::size_t limit, domain::UserId viewer = user()) {
    return listing(std::move(behind), limit, std::move(viewer)).map([](Log::Listing found) {
      return std::move(found.conversations);
    });
  }
  Result<Log::Listing> listing(std::optional<Log::ConversationMark> behind, std::size_t limit,
                               domain::UserId viewer = user(), usecase::Freshness wanted = {}) {
    return listing(Log::ListingRequest{company(), std::move(viewer), std::nullopt, std::move(behind), limit},
                   std::move(wanted));
  }
  Result<Log::Listing> listing(Log::ListingRequest request, usecase::Freshness wanted = {}) {
    return thread_.run(log_.conversations(std::move(request), std::move(wanted)));
  }
  Result<domain::Position> position() { return thread_.run(log_.position()); }

  /// A change by `by`, with a time and ids of its own.
  Rooms::Change by(domain::UserId by, domain::ConversationKey key = conversation()) {
    ++changes_;
    return {company(),
            std::move(key),
            std::move(by),
            at(1'700'000'000'000 + static_cast<std::int64_t>(changes_)),
            comment_id(changes_, 201).value,
            comment_id(changes_, 202).value,
            [n = changes_, more = std::uint8_t{203}]() mutable { return comment_id(n, more++).value; }};
  }
  static Result<void> allow(const Rooms::AccessContext& /*view*/) { return {}; }

  /// The rule that lets a moderator set everything.
  static Result<domain::Reconfiguration> allow_all(const Rooms::AccessContext& view, const Rooms::Settings& settings) {
    return view.conversation.configured(moderator(), view.membership, settings);
  }

  Result<Rooms::AccessContext> view(domain::UserId viewer = user(), domain::ConversationKey key = conversation()) {
    return thread_.run(rooms_.view(company(), std::move(key), std::move(viewer)));
  }
  Result<Rooms::Configured> configure(Rooms::Change change, Rooms::Settings settings,
                                      Rooms::SettingsRule rule = allow_all) {
    return thread_.run(rooms_.configure(std::move(change), std::move(settings), std::move(rule)));
  }
  std::future<Result<Rooms::Configured>> start_configure(Rooms::Change change, Rooms::Settings settings,
                                                         Rooms::SettingsRule rule) {
    return thread_.start(rooms_.configure(std::move(change), std::move(settings), std::move(rule)));
  }
  Result<Rooms::Joined> join(Rooms::Change change, domain::UserId who, Rooms::Rule rule = allow) {
    return thread_.run(rooms_.join(std::move(change), std::move(who), std::move(rule)));
  }
  std::future<Result<Rooms::Joined>> start_join(Rooms::Change change, domain::UserId who) {
    return thread_.start(rooms_.join(std::move(change), std::move(who), allow));
  }
  Result<std::optional<domain::MemberLeft>> leave(Rooms::Change change, domain::UserId who, Rooms::Rule rule = allow) {
    return event_of(leave_placed(std::move(change), std::move(who), std::move(rule)));
  }
  Result<Rooms::Left> leave_placed(Rooms::Change change, domain::UserId who, Rooms::Rule rule = allow) {
    return thread_.run(rooms_.leave(std::move(change), std::move(who), std::move(rule)));
  }
  std::future<Result<Rooms::Left>> start_leave(Rooms::Change change, domain::UserId who) {
    return thread_.start(rooms_.leave(std::move(change), std::move(who), allow));
  }
  Result<Rooms::Members> members(std::optional<domain::UserId> after = {}, std::size_t limit = 100,
                                 domain::UserId viewer = user(), domain::ConversationKey key = conversation()) {
    return thread_.run(rooms_.members(company(), std::move(key), std::move(viewer), std::move(after), limit));
  }
  Result<Notices::Added> notify(domain::Notification made, std::optional<usecase::IdempotencyKey> key = {}) {
    return thread_.run(notices_.add(std::move(made), std::move(key)));
  }

  static domain::ChannelKey lobby() { return domain::ChannelKey::conversation(company(), conversation()); }

  CoroutineThread& thread() { return thread_; }

 private:
  Repository& comments_;
  Log& log_;
  Rooms& rooms_;
  Notices& notices_;
  std::uint64_t changes_ = 0;
  CoroutineThread thread_;
};

}  // namespace danwa::tests
