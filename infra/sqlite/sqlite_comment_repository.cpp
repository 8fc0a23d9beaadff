#include "infra/sqlite/sqlite_comment_repository.hpp"

#include <algorithm>

#include "infra/sqlite/channel_rows.hpp"
#include "infra/sqlite/comment_rows.hpp"
#include "infra/sqlite/room_rows.hpp"
#include "usecase/ports/page_text.hpp"

namespace danwa::infra {
namespace {

using domain::fail;
using domain::Result;
using usecase::Async;
using usecase::CommentRepository;
using usecase::IdempotencyKey;

Result<CommentRepository::Added> add_in(WriteTransaction& transaction, const domain::Comment& comment,
                                        const std::optional<IdempotencyKey>& key,
                                        const std::optional<domain::Errors>& refusal) {
  const auto channel = channel_of(comment);
  domain::AddFacts facts{
      enter(transaction, channel, comment.author), {}, transaction.channels.look(transaction.connection, channel).head};
  if (key) facts.earlier = find_earlier(transaction.connection, comment, key->key);
  auto decided = domain::decide_add(std::move(facts), comment, key, refusal);
  if (!decided) return fail(std::move(decided).error());
  if (!decided->replayed) insert_comment(transaction, decided->comment, key);
  return CommentRepository::Added{std::move(decided->comment), decided->replayed};
}

domain::CommentFacts read_facts(WriteTransaction& transaction, const domain::CompanyId& company,
                                const domain::UserId& actor, const domain::CommentId& id) {
  domain::CommentFacts facts{find_comment(transaction.connection, company, id)};
  if (!facts.present) return facts;
  const auto channel = channel_of(*facts.present);
  facts.entered = enter(transaction, channel, actor);
  facts.head = transaction.channels.look(transaction.connection, channel).head;
  return facts;
}

Result<CommentRepository::Modified> modify_in(WriteTransaction& transaction, const domain::CommentFacts& facts,
                                              const CommentRepository::Edit& edit,
                                              CommentRepository::EarlierTexts earlier) {
  auto decided = domain::decide_modify(facts, edit, earlier == CommentRepository::EarlierTexts::go);
  if (!decided) return fail(std::move(decided).error());
  replace_comment(transaction, *decided);
  return CommentRepository::Modified{std::move(*decided)};
}

Result<CommentRepository::Removed> remove_in(WriteTransaction& transaction, const domain::CommentFacts& facts,
                                             const CommentRepository::Check& check, const domain::UserId& actor,
                                             domain::Timestamp now) {
  auto decided = domain::decide_remove(facts, check, actor, now);
  if (!decided) return fail(std::move(decided).error());
  remove_comment(transaction, *decided, facts.present->seq);
  return CommentRepository::Removed{std::move(*decided)};
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
    if (!comment) return fail(domain::comment_not_found());
    return std::move(*comment);
  };
  co_return co_await runner_.run_readonly<domain::Comment>(usecase::ReadFrom::master, std::move(work));
}

Async<Result<CommentRepository::Modified>> SqliteCommentRepository::modify(domain::CompanyId company,
                                                                           domain::UserId actor, domain::CommentId id,
                                                                           Edit edit, EarlierTexts earlier) {
  auto work = [company = std::move(company), actor = std::move(actor), id, edit = std::move(edit),
               earlier](WriteTransaction& transaction) {
    return modify_in(transaction, read_facts(transaction, company, actor, id), edit, earlier);
  };
  co_return co_await runner_.run_change<Modified>(std::move(work));
}

Async<Result<CommentRepository::Removed>> SqliteCommentRepository::remove(domain::CompanyId company,
                                                                          domain::UserId actor, domain::CommentId id,
                                                                          Check check, domain::Timestamp now) {
  auto work = [company = std::move(company), actor = std::move(actor), id, check = std::move(check),
               now](WriteTransaction& transaction) {
    return remove_in(transaction, read_facts(transaction, company, actor, id), check, actor, now);
  };
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
