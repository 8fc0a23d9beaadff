#pragma once

#include <algorithm>

#include "domain/core/overloaded.hpp"
#include "support/in_memory_snapshot.hpp"
#include "usecase/page_text.hpp"
#include "usecase/ports/comment_repository.hpp"

namespace danwa::tests {

/// The comment repository without a database; passes the same contract. Thread safe.
class InMemoryCommentRepository final : public usecase::CommentRepository {
 public:
  explicit InMemoryCommentRepository(InMemoryLog& log) : log_{log} {}

  usecase::Async<domain::Result<Added>> add(domain::Comment comment, std::optional<usecase::IdempotencyKey> key,
                                            std::optional<domain::Errors> refusal) override {
    co_return add_now(std::move(comment), std::move(key), std::move(refusal));
  }

  usecase::Async<domain::Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    const InMemoryLog::Row* row = live(company, id);
    if (row == nullptr) co_return domain::fail(unknown());
    co_return row->comment;
  }

  usecase::Async<domain::Result<Modified>> modify(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                  Edit edit, EarlierTexts earlier) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    InMemoryLog::Row* row = live(company, id);
    if (row == nullptr) co_return domain::fail(unknown());
    auto next = edit(row->comment, log_.enter(channel(row->comment), actor));
    if (!next) co_return domain::fail(std::move(next).error());
    row->comment = *next;
    const bool redacts = earlier == EarlierTexts::go;
    if (redacts) {
      row->request_hash.clear();
      blank(channel(*next), id);
    }
    const auto seq = log_.append(channel(*next), next->updated_at,
                                 domain::CommentUpdated{next->id, next->author, next->content, redacts});
    co_return Modified{{std::move(*next), seq, redacts}, log_.now()};
  }

  usecase::Async<domain::Result<Removed>> remove(domain::CompanyId company, domain::UserId actor, domain::CommentId id,
                                                 Check check, domain::Timestamp now) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    InMemoryLog::Row* row = live(company, id);
    if (row == nullptr) co_return domain::fail(unknown());
    auto allowed = check(row->comment, log_.enter(channel(row->comment), actor));
    if (!allowed) co_return domain::fail(std::move(allowed).error());
    row->removed = true;
    row->comment.content = domain::CommentContent::trusted("");
    row->comment.client_ref.reset();
    row->request_hash.clear();
    blank(channel(row->comment), id);
    const domain::Comment& gone = row->comment;
    const auto seq = log_.append(channel(gone), now, domain::CommentDeleted{id, gone.author, actor});
    co_return Removed{{id, company, gone.conversation, gone.author, actor, seq, now}, log_.now()};
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
  static domain::Errors unknown() { return domain::not_found("comment", "There is no such comment."); }
  static domain::ChannelKey channel(const domain::Comment& c) {
    return domain::ChannelKey::conversation(c.company, c.conversation);
  }

  domain::Result<Added> add_now(domain::Comment comment, std::optional<usecase::IdempotencyKey> key,
                                std::optional<domain::Errors> refusal) {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) return domain::fail(std::move(*refused));
    if (auto inside = log_.enter(channel(comment), comment.author); !inside) {
      return domain::fail(std::move(inside).error());
    }
    if (key) {
      const InMemoryLog::Idempotency scope{comment.company, comment.author, key->key};
      const auto known = log_.keys.find(scope);
      if (known != log_.keys.end()) return replay(log_.comments.at(known->second), *key);
      if (!refusal) log_.keys.emplace(scope, comment.id);
    }
    if (refusal) return domain::fail(std::move(*refusal));
    comment.seq = log_.append(channel(comment), comment.created_at,
                              domain::CommentAdded{comment.id, comment.author, comment.content, comment.client_ref});
    log_.channels.at(channel(comment)).writers.add(comment.author);
    log_.comments.emplace(comment.id, InMemoryLog::Row{comment, false, key ? key->request_hash : ""});
    return Added{std::move(comment), false, log_.now()};
  }

  domain::Result<Added> replay(const InMemoryLog::Row& row, const usecase::IdempotencyKey& key) const {
    if (row.removed) {
      return domain::fail(domain::DomainError{domain::ErrorKind::conflict, "comment-removed", "comment",
                                              "The comment made with this Idempotency-Key was removed."});
    }
    if (!row.request_hash.empty() && row.request_hash != key.request_hash) {
      return domain::fail(domain::validation_error("idempotency-key-reused", "Idempotency-Key",
                                                   "This Idempotency-Key came with another request before."));
    }
    return Added{row.comment, true, log_.now()};
  }

  InMemoryLog::Row* live(const domain::CompanyId& company, const domain::CommentId& id) {
    const auto found = log_.comments.find(id);
    const bool known =
        found != log_.comments.end() && !found->second.removed && found->second.comment.company == company;
    return known ? &found->second : nullptr;
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
