#include "infra/sqlite/sqlite_comment_repository.hpp"

#include <algorithm>

#include "infra/sqlite/channel_rows.hpp"
#include "infra/sqlite/comment_rows.hpp"
#include "infra/sqlite/room_rows.hpp"
#include "usecase/page_text.hpp"

namespace danwa::infra {
namespace {

using domain::fail;
using domain::Result;
using usecase::Async;
using usecase::CommentRepository;
using usecase::IdempotencyKey;

domain::Errors unknown_comment() { return domain::not_found("comment", "There is no such comment."); }

Result<CommentRepository::Added> replay(Connection& connection, const domain::CompanyId& company,
                                        const EarlierRequest& earlier, const IdempotencyKey& key) {
  auto comment = find_comment(connection, company, earlier.comment);
  if (!comment) {  // nothing is left by which another request could be told from it
    return fail(domain::DomainError{domain::ErrorKind::conflict, "comment-removed", "comment",
                                    "The comment made with this Idempotency-Key was removed."});
  }
  if (!earlier.request_hash.empty() && earlier.request_hash != key.request_hash) {
    return fail(domain::validation_error("idempotency-key-reused", "Idempotency-Key",
                                         "This Idempotency-Key came with another request before."));
  }
  return CommentRepository::Added{std::move(*comment), true};
}

Result<CommentRepository::Added> add_in(WriteTransaction& transaction, domain::Comment comment,
                                        const std::optional<IdempotencyKey>& key,
                                        const std::optional<domain::Errors>& refusal) {
  if (auto inside = enter(transaction, channel_of(comment), comment.author); !inside) {
    return fail(std::move(inside).error());
  }
  if (key) {
    if (const auto earlier = find_earlier(transaction.connection, comment, key->key)) {
      return replay(transaction.connection, comment.company, *earlier, *key);
    }
  }
  if (refusal) return fail(*refusal);
  insert_comment(transaction, comment, key);
  return CommentRepository::Added{std::move(comment), false};
}

Result<CommentRepository::Modified> modify_in(WriteTransaction& transaction, const domain::CompanyId& company,
                                              const domain::UserId& actor, const domain::CommentId& id,
                                              const CommentRepository::Edit& edit,
                                              CommentRepository::EarlierTexts earlier) {
  const auto present = find_comment(transaction.connection, company, id);
  if (!present) return fail(unknown_comment());
  auto next = edit(*present, enter(transaction, channel_of(*present), actor));
  if (!next) return fail(std::move(next).error());
  const bool redacts = earlier == CommentRepository::EarlierTexts::go;
  const auto seq = replace_comment(transaction, *next, redacts);
  return CommentRepository::Modified{{std::move(*next), seq, redacts}};
}

Result<CommentRepository::Removed> remove_in(WriteTransaction& transaction, const domain::CompanyId& company,
                                             const domain::UserId& actor, const domain::CommentId& id,
                                             const CommentRepository::Check& check, domain::Timestamp now) {
  const auto present = find_comment(transaction.connection, company, id);
  if (!present) return fail(unknown_comment());
  auto allowed = check(*present, enter(transaction, channel_of(*present), actor));
  if (!allowed) return fail(std::move(allowed).error());
  const auto seq = remove_comment(transaction, *present, actor, now);
  return CommentRepository::Removed{{id, company, present->conversation, present->author, actor, seq, now}};
}

// Walks the channel's log by its index and looks only at what is a comment still (type 0).
constexpr const char* kNewest =
    "SELECT '', id, comments.author, comments.content, comments.client_ref, updates.seq, version, created_ms, "
    "updated_ms FROM updates CROSS JOIN comments ON comments.id = subject_id "
    "WHERE updates.channel_id = ? AND type = 0 AND updates.seq > ? AND updates.seq < ? "
    "ORDER BY updates.seq DESC LIMIT ?";
constexpr const char* kOldest =
    "SELECT '', id, comments.author, comments.content, comments.client_ref, updates.seq, version, created_ms, "
    "updated_ms FROM updates CROSS JOIN comments ON comments.id = subject_id "
    "WHERE updates.channel_id = ? AND type = 0 AND updates.seq > ? AND updates.seq < ? "
    "ORDER BY updates.seq LIMIT ?";

/// In a transaction.
CommentRepository::Page list_in(Connection& connection, const domain::ChannelKey& channel,
                                const CommentRepository::Range& range) {
  CommentRepository::Page page{.comments = {}, .epoch = read_epoch(connection)};
  const auto row = find_channel(connection, channel);
  if (!row) return page;
  page.head = row->head;
  Query query{connection, range.after ? kOldest : kNewest};
  query.bind(row->id)
      .bind(range.after.value_or(0))
      .bind(std::min(range.before.value_or(domain::kMaxSeq), domain::kMaxSeq));
  query.bind(static_cast<std::int64_t>(range.limit) + 1);
  usecase::PageText text{usecase::PageSize::kText};
  while (query.step()) {
    page.more = page.comments.size() == range.limit || !text.admits({query.view(2), query.view(3), query.view(4)});
    if (page.more) break;
    page.comments.push_back(read_comment(query, channel.company));
    page.comments.back().conversation = domain::ConversationKey::trusted(channel.key);
  }
  if (!range.after) std::reverse(page.comments.begin(), page.comments.end());
  return page;
}

}  // namespace

Async<Result<CommentRepository::Added>> SqliteCommentRepository::add(domain::Comment comment,
                                                                     std::optional<IdempotencyKey> key,
                                                                     std::optional<domain::Errors> refusal) {
  auto work = [comment = std::move(comment), key = std::move(key), refusal = std::move(refusal)](
                  WriteTransaction& transaction) { return add_in(transaction, comment, key, refusal); };
  co_return co_await runner_.run_change<Added>(std::move(work));
}

Async<Result<domain::Comment>> SqliteCommentRepository::find(domain::CompanyId company, domain::CommentId id) {
  auto work = [company = std::move(company), id](Connection& connection) -> Result<domain::Comment> {
    auto comment = find_comment(connection, company, id);
    if (!comment) return fail(unknown_comment());
    return std::move(*comment);
  };
  co_return co_await runner_.run_readonly<domain::Comment>(usecase::ReadFrom::master, std::move(work));
}

Async<Result<CommentRepository::Modified>> SqliteCommentRepository::modify(domain::CompanyId company,
                                                                           domain::UserId actor, domain::CommentId id,
                                                                           Edit edit, EarlierTexts earlier) {
  auto work = [company = std::move(company), actor = std::move(actor), id, edit = std::move(edit), earlier](
                  WriteTransaction& transaction) { return modify_in(transaction, company, actor, id, edit, earlier); };
  co_return co_await runner_.run_change<Modified>(std::move(work));
}

Async<Result<CommentRepository::Removed>> SqliteCommentRepository::remove(domain::CompanyId company,
                                                                          domain::UserId actor, domain::CommentId id,
                                                                          Check check, domain::Timestamp now) {
  auto work = [company = std::move(company), actor = std::move(actor), id, check = std::move(check),
               now](WriteTransaction& transaction) { return remove_in(transaction, company, actor, id, check, now); };
  co_return co_await runner_.run_change<Removed>(std::move(work));
}

Async<Result<CommentRepository::Page>> SqliteCommentRepository::list(domain::CompanyId company,
                                                                     domain::ConversationKey conversation, Range range,
                                                                     usecase::Freshness wanted) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  auto work = [channel = std::move(channel), range](Connection& connection) {
    return list_in(connection, channel, range);
  };
  co_return co_await runner_.run_fresh<Page>(std::move(wanted), std::move(work));
}

}  // namespace danwa::infra
