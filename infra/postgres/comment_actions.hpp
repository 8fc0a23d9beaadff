#pragma once

#include <optional>

#include "infra/postgres/write_action.hpp"
#include "usecase/ports/comment_repository.hpp"

// What may happen to comments, as actions of the writer.
namespace danwa::infra::pg {

using CommentPort = usecase::CommentRepository;

/// Shares its transaction with other additions to the conversation.
class AddComment final : public AnsweringAction<CommentPort::Added> {
 public:
  AddComment(domain::Comment comment, std::optional<usecase::IdempotencyKey> key, std::optional<domain::Errors> refusal,
             Resume resume);
  void ask(BatchFacts& facts) const override;

 private:
  domain::Result<CommentPort::Added> decision(const BatchFacts& facts, BatchRows& rows) override;
  BatchFacts::Request request() const;

  const domain::Comment comment_;
  const std::optional<usecase::IdempotencyKey> key_;
  const std::optional<domain::Errors> refusal_;
};

/// A change of a comment that stands in `channel`, by `actor`.
struct CommentChange {
  domain::CompanyId company;
  domain::UserId actor;
  domain::CommentId id;
  domain::ChannelKey channel;
};

class ModifyComment final : public AnsweringAction<CommentPort::Modified> {
 public:
  ModifyComment(CommentChange change, CommentPort::Edit edit, CommentPort::EarlierTexts earlier, Resume resume);
  void ask(BatchFacts& facts) const override;

 private:
  domain::Result<CommentPort::Modified> decision(const BatchFacts& facts, BatchRows& rows) override;

  const CommentChange change_;
  const CommentPort::Edit edit_;
  const bool redacts_;
};

class RemoveComment final : public AnsweringAction<CommentPort::Removed> {
 public:
  RemoveComment(CommentChange change, CommentPort::Check check, domain::Timestamp now, Resume resume);
  void ask(BatchFacts& facts) const override;

 private:
  domain::Result<CommentPort::Removed> decision(const BatchFacts& facts, BatchRows& rows) override;

  const CommentChange change_;
  const CommentPort::Check check_;
  const domain::Timestamp now_;
};

}  // namespace danwa::infra::pg
