#include "infra/sqlite/sqlite_repositories.hpp"

#include <algorithm>

#include "adapters/persistence/rows.hpp"
#include "infra/sqlite/rows.hpp"
#include "usecase/conversations.hpp"
#include "usecase/ports/paging.hpp"

// The reading halves of the repositories; storage/changes.hpp has the changing halves. Every read runs in one snapshot,
// so that a page and the head and epoch beside it belong together. A page ends at its number of rows or at its amount
// of text, and then says that there is more. Comments are found through the log of their channel: its index is there
// anyway, and a second one would double the bytes of a commit.
//
// The list of conversations is walked by place, newest first. If the viewer's credential shows only some ranges of keys
// and these hold few conversations, they are read as a whole instead, since a walk would pass many rows that the viewer
// may not see.

namespace danwa::sqlite {
namespace {

using adapters::kSql;
using adapters::UpdateType;
using domain::fail;
using domain::Result;
using usecase::Async;
using usecase::CommentRepository;

// Walks the channel's log by its index, and reads only the rows of comments that still exist (type 0).
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

/// Must run in a transaction.
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

namespace {

using Port = usecase::ConversationRepository;

Port::Members members_in(Connection& connection, const domain::ChannelKey& channel, const domain::UserId& viewer,
                         const std::string& after, std::size_t limit) {
  const ReadTransaction snapshot{connection};
  Port::Members page{.members = {}, .view = read_view(connection, channel, viewer)};
  const auto row = find_channel(connection, channel);
  if (!row) return page;
  Query query{connection,
              "SELECT user, role, joined_ms, seq FROM members WHERE channel_id = ? AND user > ? ORDER BY user LIMIT ?"};
  query.bind(row->id).bind(after).bind(static_cast<std::int64_t>(limit) + 1);
  usecase::PageText text{usecase::PageSize::kText};
  while (query.step()) {
    page.more = page.members.size() == limit || !text.admits({query.view(0)});
    if (page.more) break;
    page.members.push_back(adapters::read_member(query));
  }
  return page;
}

}  // namespace

Async<Result<Port::AccessContext>> SqliteConversationRepository::view(domain::CompanyId company,
                                                                      domain::ConversationKey conversation,
                                                                      domain::UserId user) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  auto work = [channel = std::move(channel), user = std::move(user)](Connection& connection) {
    return read_view(connection, channel, user);
  };
  co_return co_await runner_.run_readonly<AccessContext>(usecase::ReadFrom::master, std::move(work));
}

Async<Result<Port::Members>> SqliteConversationRepository::members(domain::CompanyId company,
                                                                   domain::ConversationKey conversation,
                                                                   domain::UserId viewer,
                                                                   std::optional<domain::UserId> after,
                                                                   std::size_t limit) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  std::string name = after ? after->value() : std::string{};
  auto work = [channel = std::move(channel), viewer = std::move(viewer), name = std::move(name),
               limit](Connection& connection) { return members_in(connection, channel, viewer, name, limit); };
  co_return co_await runner_.run_readonly<Members>(usecase::ReadFrom::master, std::move(work));
}

namespace {

using domain::ChannelKind;
using usecase::ListingPage;
using usecase::UpdateLog;

struct Span {
  domain::Seq first;
  domain::Seq last;
  usecase::PageSize size;
};

UpdateLog::Head head_in(Connection& connection, const domain::ChannelKey& channel) {
  const ReadTransaction snapshot{connection};
  const auto row = find_channel(connection, channel);
  return UpdateLog::Head{read_epoch(connection), row ? row->head : 0};
}

/// Must run in a transaction.
UpdateLog::Page read_in(Connection& connection, const domain::ChannelKey& channel, const Span& wanted) {
  UpdateLog::Page page{.updates = {}, .head = 0, .epoch = read_epoch(connection)};
  const auto row = find_channel(connection, channel);
  if (!row) return page;
  page.head = row->head;
  Query query{connection,
              "SELECT seq, type, occurred_ms, subject_id, author, about, client_ref, content FROM updates "
              "WHERE channel_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"};
  query.bind(row->id).bind(std::max<domain::Seq>(wanted.first, 1)).bind(std::min(wanted.last, domain::kMaxSeq));
  query.bind(static_cast<std::uint64_t>(wanted.size.rows));
  usecase::PageText text{wanted.size.text};
  while (query.step() && text.admits({query.view(4), query.view(5), query.view(6), query.view(7)})) {
    page.updates.push_back(read_update(query, channel));
  }
  return page;
}

constexpr const char* kInOrder = kSql<
    "SELECT key, head, last_activity_ms, title, visibility, members.user IS NOT NULL, place "
    "FROM channels LEFT JOIN members ON members.channel_id = channels.id AND members.user = ? "
    "WHERE company = ? AND kind = # AND place_block <= ? AND place < ? ORDER BY place_block DESC, place DESC LIMIT ?",
    ChannelKind::conversation>;

constexpr const char* kInRange = kSql<
    "SELECT key, head, last_activity_ms, title, visibility, members.user IS NOT NULL, place "
    "FROM channels LEFT JOIN members ON members.channel_id = channels.id AND members.user = ? "
    "WHERE company = ? AND kind = # AND key >= ? AND key < ? LIMIT ?",
    ChannelKind::conversation>;

/// All conversations in the shown ranges of keys; nullopt if they are too many.
std::optional<std::vector<UpdateLog::ConversationSummary>> shown_in(Connection& connection,
                                                                    const UpdateLog::ListingRequest& request) {
  std::vector<UpdateLog::ConversationSummary> rows;
  for (const auto& range : request.shown->ranges()) {
    Query query{connection, kInRange};
    query.bind(request.viewer.value()).bind(request.company.value()).bind(range.first).bind(range.end);
    query.bind(static_cast<std::uint64_t>(ListingPage::kMostCounted + 1 - rows.size()));
    while (query.step()) rows.push_back(adapters::read_summary(query));
    if (rows.size() > ListingPage::kMostCounted) return std::nullopt;
  }
  return rows;
}

UpdateLog::Listing conversations_in(Connection& connection, const UpdateLog::ListingRequest& request) {
  ListingPage page{request};
  if (request.shown) {
    if (auto rows = shown_in(connection, request)) {
      page.take_all(std::move(*rows));
      return page.take();
    }
  }
  const auto place = request.behind && request.behind->place ? *request.behind->place : domain::kMaxSeq;
  Query query{connection, kInOrder};
  query.bind(request.viewer.value()).bind(request.company.value()).bind(place >> kPlaceBlockBits).bind(place);
  query.bind(static_cast<std::uint64_t>(page.most_walked()));
  for (std::size_t looked = 1; !page.ended() && query.step(); ++looked)
    page.look(looked, adapters::read_summary(query));
  return page.take();
}

}  // namespace

Async<Result<UpdateLog::Head>> SqliteUpdateLog::head(domain::ChannelKey channel, usecase::ReadFrom from) {
  auto work = [channel = std::move(channel)](Connection& connection) { return head_in(connection, channel); };
  co_return co_await runner_.run_readonly<Head>(from, std::move(work));
}

Async<Result<UpdateLog::Page>> SqliteUpdateLog::read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                                     usecase::PageSize size, usecase::Freshness wanted) {
  auto work = [channel = std::move(channel), span = Span{first, last, size}](Connection& connection) {
    return read_in(connection, channel, span);
  };
  co_return co_await runner_.run_fresh<Page>(std::move(wanted), std::move(work));
}

Async<Result<UpdateLog::Listing>> SqliteUpdateLog::conversations(ListingRequest request, usecase::Freshness wanted) {
  auto work = [request = std::move(request)](Connection& connection) { return conversations_in(connection, request); };
  co_return co_await runner_.run_fresh<Listing>(std::move(wanted), std::move(work));
}

Async<Result<domain::Position>> SqliteUpdateLog::position() {
  auto work = [](Connection& connection) {
    const ReadTransaction snapshot{connection};
    return read_position(connection);
  };
  co_return co_await runner_.run_readonly<domain::Position>(usecase::ReadFrom::master, std::move(work));
}

}  // namespace danwa::sqlite
