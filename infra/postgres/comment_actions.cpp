#include "infra/postgres/comment_actions.hpp"

#include "infra/postgres/comment_rows.hpp"

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
  domain::Standing standing;
  if (const auto& member = facts.member(channel, user)) standing.role = member->role;
  const domain::Conversation conversation{
      channel.company, domain::ConversationKey::trusted(channel.key), {}, facts.channel(channel).visibility};
  return conversation.enter(standing);
}

/// The comment, unless it is removed or of another company.
const domain::Comment* present_in(const BatchFacts& facts, const CommentChange& change) {
  const auto& comment = facts.comment(change.id);
  return comment && comment->company == change.company ? &*comment : nullptr;
}

void ask_for(BatchFacts& facts, const CommentChange& change) {
  facts.need_comment(change.id);
  facts.need_member(change.channel, change.actor);
}

Result<CommentPort::Added> replay(const BatchFacts::EarlierComment& earlier, const usecase::IdempotencyKey& key) {
  if (!earlier.comment) {  // nothing is left by which another request could be told from it
    return domain::fail(domain::DomainError{domain::ErrorKind::conflict, "comment-removed", "comment",
                                            "The comment made with this Idempotency-Key was removed."});
  }
  if (!earlier.request_hash.empty() && earlier.request_hash != key.request_hash) return domain::fail(reused_key());
  return CommentPort::Added{*earlier.comment, true};
}

}  // namespace

domain::Errors unknown_comment() { return domain::not_found("comment", "There is no such comment."); }

domain::Errors reused_key() {
  return domain::validation_error("idempotency-key-reused", "Idempotency-Key",
                                  "This Idempotency-Key came with another request before.");
}

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
  if (auto inside = enter(facts, touches().channel, comment_.author); !inside)
    return domain::fail(std::move(inside).error());
  if (key_) {
    if (const auto& earlier = facts.earlier_comment(request())) return replay(*earlier, *key_);
  }
  if (refusal_) return domain::fail(*refusal_);
  domain::Comment comment = comment_;
  const auto place = rows.next(touches().channel, {.type = UpdateType::added,
                                                   .at = comment.created_at,
                                                   .subject = comment.id.value,
                                                   .author = comment.author,
                                                   .client_ref = comment.client_ref ? &*comment.client_ref : nullptr,
                                                   .content = &comment.content.value()});
  comment.seq = place.seq;
  rows.insert_comment(place, comment, key_);
  return CommentPort::Added{std::move(comment), false};
}

ModifyComment::ModifyComment(CommentChange change, CommentPort::Edit edit, CommentPort::EarlierTexts earlier,
                             Resume resume)
    : AnsweringAction{Touches{change.channel, true, {change.id.to_string()}}, std::move(resume)},
      change_{std::move(change)},
      edit_{std::move(edit)},
      redacts_{earlier == CommentPort::EarlierTexts::go} {}

void ModifyComment::ask(BatchFacts& facts) const { ask_for(facts, change_); }

Result<CommentPort::Modified> ModifyComment::decision(const BatchFacts& facts, BatchRows& rows) {
  const auto* present = present_in(facts, change_);
  if (present == nullptr) return domain::fail(unknown_comment());
  auto next = edit_(*present, enter(facts, change_.channel, change_.actor));
  if (!next) return domain::fail(std::move(next).error());
  const auto place = rows.next(change_.channel, {.type = UpdateType::updated,
                                                 .at = next->updated_at,
                                                 .subject = next->id.value,
                                                 .author = next->author,
                                                 .about = redacts_ ? &adapters::kRedacts : nullptr,
                                                 .content = &next->content.value()});
  rows.replace_comment(*next);
  if (redacts_) rows.redact_comment(place, *next);
  return CommentPort::Modified{{std::move(*next), place.seq, redacts_}};
}

RemoveComment::RemoveComment(CommentChange change, CommentPort::Check check, domain::Timestamp now, Resume resume)
    : AnsweringAction{Touches{change.channel, true, {change.id.to_string()}}, std::move(resume)},
      change_{std::move(change)},
      check_{std::move(check)},
      now_{now} {}

void RemoveComment::ask(BatchFacts& facts) const { ask_for(facts, change_); }

Result<CommentPort::Removed> RemoveComment::decision(const BatchFacts& facts, BatchRows& rows) {
  const auto* present = present_in(facts, change_);
  if (present == nullptr) return domain::fail(unknown_comment());
  auto allowed = check_(*present, enter(facts, change_.channel, change_.actor));
  if (!allowed) return domain::fail(std::move(allowed).error());
  const domain::UserId& by = change_.actor;
  const auto place = rows.next(change_.channel, {.type = UpdateType::deleted,
                                                 .at = now_,
                                                 .subject = present->id.value,
                                                 .author = present->author,
                                                 .about = by == present->author ? nullptr : &by.value()});
  rows.blank_comment(place, *present, now_);
  return CommentPort::Removed{
      {present->id, change_.company, present->conversation, present->author, by, place.seq, now_}};
}

}  // namespace danwa::infra::pg
