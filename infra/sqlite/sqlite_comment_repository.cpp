#include "infra/sqlite/sqlite_comment_repository.hpp"

#include <algorithm>

#include "adapters/persistence/sql.hpp"
#include "infra/sqlite/rows.hpp"
#include "usecase/ports/page_text.hpp"

namespace danwa::infra {
namespace {

using adapters::kSql;
using adapters::UpdateType;
using domain::fail;
using domain::Result;
using usecase::Async;
using usecase::CommentRepository;

// Walks the channel's log by its index and looks only at what is a comment still (type 0).
constexpr const char* kNewest = kSql<
    "SELECT '', id, comments.author, comments.content, comments.client_ref, updates.seq, version, created_ms, "
    "updated_ms FROM updates CROSS JOIN comments ON comments.id = subject_id "
    "WHERE updates.channel_id = ? AND type = # AND updates.seq > ? AND updates.seq < ? "
    "ORDER BY updates.seq DESC LIMIT ?",
    UpdateType::added>;
constexpr const char* kOldest = kSql<
    "SELECT '', id, comments.author, comments.content, comments.client_ref, updates.seq, version, created_ms, "
    "updated_ms FROM updates CROSS JOIN comments ON comments.id = subject_id "
    "WHERE updates.channel_id = ? AND type = # AND updates.seq > ? AND updates.seq < ? "
    "ORDER BY updates.seq LIMIT ?",
    UpdateType::added>;

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
    page.comments.push_back(adapters::read_comment(query, channel.company));
    page.comments.back().conversation = domain::ConversationKey::trusted(channel.key);
  }
  if (!range.after) std::reverse(page.comments.begin(), page.comments.end());
  return page;
}

}  // namespace

Async<Result<domain::Comment>> SqliteCommentRepository::find(domain::CompanyId company, domain::CommentId id) {
  auto work = [company = std::move(company), id](Connection& connection) -> Result<domain::Comment> {
    auto comment = find_comment(connection, company, id);
    if (!comment) return fail(domain::comment_not_found());
    return std::move(*comment);
  };
  co_return co_await runner_.run_readonly<domain::Comment>(usecase::ReadFrom::master, std::move(work));
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
