#include "infra/postgres/comment_actions.hpp"

namespace danwa::infra::pg {
namespace {

using domain::Result;

Touches touches_of(const domain::Comment& comment, const std::optional<usecase::IdempotencyKey>& key) {
  Touches touches{channel_of(comment), false, {comment.id.to_string()}};
  // The parts are of valid UTF-8, in which no byte is 255.
  if (key) touches.things.push_back(comment.company.value() + '\xFF' + comment.author.value() + '\xFF' + key->key);
  return touches;
}

/// Whether `user` may read and change what is in the conversation now. Errors: `not-a-member`.
Result<void> enter(const BatchFacts& facts, const domain::ChannelKey& channel, const domain::UserId& user) {
  const auto& member = facts.member(channel, user);
  return domain::enter(facts.channel(channel).visibility, member ? std::optional{member->role} : std::nullopt);
}

domain::CommentFacts facts_of(const CommentChange& change, const BatchFacts& facts, const BatchRows& rows) {
  const auto& comment = facts.comment(change.id);
  domain::CommentFacts found{.entered = enter(facts, change.channel, change.actor), .head = rows.head(change.channel)};
  if (comment && comment->company == change.company) found.present = *comment;
  return found;
}

void ask_for(BatchFacts& facts, const CommentChange& change) {
  facts.need_comment(change.id);
  facts.need_member(change.channel, change.actor);
}

}  // namespace

AddComment::AddComment(domain::Comment comment, std::optional<usecase::IdempotencyKey> key,
                       std::optional<domain::Errors> refusal, Resume resume)
    : AnsweringAction{touches_of(comment, key), std::move(resume)},
      comment_{std::move(comment)},
      key_{std::move(key)},
      refusal_{std::move(refusal)} {}

BatchFacts::Request AddComment::request() const { return {comment_.company, comment_.author, key_->key}; }

void AddComment::ask(BatchFacts& facts) const {
  facts.need_member(touches().channel, comment_.author);
  if (key_) facts.need_earlier_comment(request());
}

Result<CommentPort::Added> AddComment::decision(const BatchFacts& facts, BatchRows& rows) {
  const auto& channel = touches().channel;
  domain::AddFacts found{enter(facts, channel, comment_.author), {}, rows.head(channel)};
  if (key_) found.earlier = facts.earlier_comment(request());
  auto decided = domain::decide_add(std::move(found), comment_, key_, refusal_);
  if (!decided) return domain::fail(std::move(decided).error());
  if (!decided->replayed) rows.insert_comment(decided->comment, key_);
  return CommentPort::Added{std::move(decided->comment), decided->replayed};
}

ModifyComment::ModifyComment(CommentChange change, CommentPort::Edit edit, CommentPort::EarlierTexts earlier,
                             Resume resume)
    : AnsweringAction{Touches{change.channel, true, {change.id.to_string()}}, std::move(resume)},
      change_{std::move(change)},
      edit_{std::move(edit)},
      redacts_{earlier == CommentPort::EarlierTexts::go} {}

void ModifyComment::ask(BatchFacts& facts) const { ask_for(facts, change_); }

Result<CommentPort::Modified> ModifyComment::decision(const BatchFacts& facts, BatchRows& rows) {
  auto decided = domain::decide_modify(facts_of(change_, facts, rows), edit_, redacts_);
  if (!decided) return domain::fail(std::move(decided).error());
  rows.replace_comment(*decided);
  return CommentPort::Modified{std::move(*decided)};
}

RemoveComment::RemoveComment(CommentChange change, CommentPort::Check check, domain::Timestamp now, Resume resume)
    : AnsweringAction{Touches{change.channel, true, {change.id.to_string()}}, std::move(resume)},
      change_{std::move(change)},
      check_{std::move(check)},
      now_{now} {}

void RemoveComment::ask(BatchFacts& facts) const { ask_for(facts, change_); }

Result<CommentPort::Removed> RemoveComment::decision(const BatchFacts& facts, BatchRows& rows) {
  const auto found = facts_of(change_, facts, rows);
  auto decided = domain::decide_remove(found, check_, change_.actor, now_);
  if (!decided) return domain::fail(std::move(decided).error());
  rows.remove_comment(*decided, found.present->seq);
  return CommentPort::Removed{std::move(*decided)};
}

}  // namespace danwa::infra::pg
