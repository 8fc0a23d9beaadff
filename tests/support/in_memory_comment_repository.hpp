#pragma once

#include <algorithm>

#include "domain/core/result.hpp"
#include "support/in_memory_snapshot.hpp"
#include "usecase/ports/paging.hpp"
#include "usecase/ports/repositories.hpp"

namespace danwa::tests {

/// The comment repository without a database; passes the same contract. Thread safe.
class InMemoryCommentRepository final : public usecase::CommentRepository {
 public:
  explicit InMemoryCommentRepository(InMemoryLog& log) : log_{log} {}

  usecase::Async<domain::Result<Added>> add(domain::Comment comment, std::optional<usecase::IdempotencyKey> key,
                                            std::optional<domain::Errors> refusal) override {
    co_return add_now(comment, key, refusal);
  }

  usecase::Async<domain::Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    auto comment = live(company, id);
    if (!comment) co_return domain::fail(domain::comment_not_found());
    co_return std::move(*comment);
  }

  usecase::Async<domain::Result<Modified>> modify(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                  Edit edit, EarlierTexts earlier) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    auto decided = domain::decide_modify(facts_of(company, actor, id), edit, earlier == EarlierTexts::go);
    if (!decided) co_return domain::fail(std::move(decided).error());
    InMemoryLog::Row& row = log_.comments.at(id);
    row.comment = decided->comment;
    if (decided->redacts) {
      row.request_hash.clear();
      blank(channel_of(row.comment), id);
    }
    log_.write(*decided);
    co_return Modified{std::move(*decided), log_.now()};
  }

  usecase::Async<domain::Result<Removed>> remove(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                 Check check, domain::Timestamp now) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    auto decided = domain::decide_remove(facts_of(company, actor, id), check, actor, now);
    if (!decided) co_return domain::fail(std::move(decided).error());
    InMemoryLog::Row& row = log_.comments.at(id);
    row.removed = true;
    row.comment.content = domain::CommentContent::trusted("");
    row.comment.client_ref.reset();
    row.request_hash.clear();
    blank(channel_of(row.comment), id);
    log_.write(*decided);
    co_return Removed{std::move(*decided), log_.now()};
  }

  usecase::Async<domain::Result<Page>> list(domain::CompanyId company, domain::ConversationKey conversation,
                                            Range range, usecase::Freshness wanted) override {
    const auto snapshot = co_await choose_snapshot(log_, wanted);
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    const auto& shown = snapshot->shown;
    const auto head = log_.head_at(domain::ChannelKey::conversation(company, conversation), shown.number);
    range.before = std::min(range.before.value_or(domain::kMaxSeq), head + 1);
    Page page{.comments = matching(company, conversation, range), .epoch = shown.epoch};
    page.head = head;
    page.position = snapshot->told(wanted);
    if (!range.after) std::reverse(page.comments.begin(), page.comments.end());
    usecase::PageText text{usecase::PageSize::kText};
    std::size_t fitting = 0;
    while (fitting < std::min(page.comments.size(), range.limit) && fits(text, page.comments[fitting])) ++fitting;
    page.more = page.comments.size() > fitting;
    page.comments.erase(page.comments.begin() + std::ptrdiff_t(fitting), page.comments.end());
    if (!range.after) std::reverse(page.comments.begin(), page.comments.end());
    co_return page;
  }

 private:
  static bool fits(usecase::PageText& text, const domain::Comment& c) {
    return text.admits({c.author.value(), c.content.value(), c.client_ref.value_or("")});
  }
  domain::Result<Added> add_now(const domain::Comment& comment, const std::optional<usecase::IdempotencyKey>& key,
                                const std::optional<domain::Errors>& refusal) {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) return domain::fail(std::move(*refused));
    const auto channel = channel_of(comment);
    domain::AddFacts facts{log_.enter(channel, comment.author), {}, log_.head(channel)};
    const InMemoryLog::Idempotency scope{comment.company, comment.author, key ? key->key : ""};
    if (const auto known = log_.keys.find(scope); key && known != log_.keys.end()) {
      const InMemoryLog::Row& row = log_.comments.at(known->second);
      facts.earlier = {row.request_hash, row.removed ? std::nullopt : std::optional{row.comment}};
    }
    auto decided = domain::decide_add(std::move(facts), comment, key, refusal);
    if (!decided) return domain::fail(std::move(decided).error());
    if (!decided->replayed) {
      if (key) log_.keys.emplace(scope, comment.id);
      log_.write(domain::CommentSent{decided->comment});
      log_.channels.at(channel).writers.add(comment.author);
      log_.comments.emplace(comment.id, InMemoryLog::Row{decided->comment, false, key ? key->request_hash : ""});
    }
    return Added{std::move(decided->comment), decided->replayed, log_.now()};
  }

  std::optional<domain::Comment> live(const domain::CompanyId& company, const domain::CommentId& id) const {
    const auto found = log_.comments.find(id);
    const bool known =
        found != log_.comments.end() && !found->second.removed && found->second.comment.company == company;
    return known ? std::optional{found->second.comment} : std::nullopt;
  }

  domain::CommentFacts facts_of(const domain::CompanyId& company, const domain::UserId& actor,
                                const domain::CommentId& id) const {
    domain::CommentFacts facts{live(company, id)};
    if (!facts.present) return facts;
    facts.entered = log_.enter(channel_of(*facts.present), actor);
    facts.head = log_.head(channel_of(*facts.present));
    return facts;
  }

  void blank(const domain::ChannelKey& key, const domain::CommentId& id) {
    const domain::Overloaded erase{
        [&](domain::CommentAdded& added) {
          if (added.comment == id) added.content.reset(), added.client_ref.reset();
        },
        [&](domain::CommentUpdated& updated) {
          if (updated.comment == id) updated.content.reset();
        },
        [](auto&) {},
    };
    for (auto& update : log_.channels.at(key).updates) std::visit(erase, update.body);
  }

  std::vector<domain::Comment> matching(const domain::CompanyId& company, const domain::ConversationKey& conversation,
                                        const Range& range) const {
    std::vector<domain::Comment> found;
    for (const auto& [id, row] : log_.comments) {
      const domain::Comment& c = row.comment;
      const bool inside = (!range.after || c.seq > *range.after) && (!range.before || c.seq < *range.before);
      if (!row.removed && inside && c.company == company && c.conversation == conversation) found.push_back(c);
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.seq < b.seq; });
    return found;
  }

  InMemoryLog& log_;
};

}  // namespace danwa::tests
