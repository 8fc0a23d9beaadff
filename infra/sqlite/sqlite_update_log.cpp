#include "infra/sqlite/sqlite_update_log.hpp"

#include <algorithm>

#include "infra/sqlite/channel_rows.hpp"
#include "infra/sqlite/update_rows.hpp"

namespace danwa::infra {
namespace {

using domain::Result;
using usecase::Async;
using usecase::UpdateLog;

struct Span {
  domain::Seq first;
  domain::Seq last;
  std::size_t limit;
};

UpdateLog::Head head_in(Connection& connection, const domain::ChannelKey& channel) {
  const ReadTransaction snapshot{connection};
  const auto row = find_channel(connection, channel);
  return UpdateLog::Head{read_epoch(connection), row ? row->head : 0};
}

/// In a transaction.
UpdateLog::Page read_in(Connection& connection, const domain::ChannelKey& channel, const Span& wanted) {
  UpdateLog::Page page{.updates = {}, .head = 0, .epoch = read_epoch(connection)};
  const auto row = find_channel(connection, channel);
  if (!row) return page;
  page.head = row->head;
  Query query{connection,
              "SELECT seq, type, occurred_ms, subject_id, author, about, client_ref, content FROM updates "
              "WHERE channel_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"};
  query.bind(row->id).bind(std::max<domain::Seq>(wanted.first, 1)).bind(std::min(wanted.last, domain::kMaxSeq));
  query.bind(static_cast<std::uint64_t>(wanted.limit));
  while (query.step()) {
    page.updates.push_back(domain::Update{channel, query.number(0), query.time(2), read_body(query)});
  }
  return page;
}

constexpr const char* kConversations =
    "SELECT key, head, last_activity_ms, title, visibility, members.user IS NOT NULL, place "
    "FROM channels LEFT JOIN members ON members.channel_id = channels.id AND members.user = ? "
    "WHERE company = ? AND kind = 0 AND (visibility = 0 OR members.user IS NOT NULL) AND place_block <= ? "
    "AND place < ? AND last_activity_ms < ? ORDER BY place_block DESC, place DESC LIMIT ?";

UpdateLog::Listing conversations_in(Connection& connection, const domain::CompanyId& company,
                                    const domain::UserId& viewer,
                                    const std::optional<UpdateLog::ConversationMark>& behind, std::size_t limit) {
  const auto mark = behind.value_or(UpdateLog::ConversationMark{});
  const auto place = mark.place.value_or(domain::kMaxSeq);
  Query query{connection, kConversations};
  query.bind(viewer.value()).bind(company.value()).bind(place >> kPlaceBlockBits).bind(place);
  query.bind(mark.before.value_or(domain::Timestamp::max())).bind(static_cast<std::uint64_t>(limit));
  UpdateLog::Listing found;
  while (query.step()) {
    found.conversations.push_back({.key = domain::ConversationKey::trusted(query.text(0)),
                                   .head = query.number(1),
                                   .last_activity = query.time(2),
                                   .title = read_title(query, 3),
                                   .visibility = read_visibility(query, 4),
                                   .member = query.integer(5) != 0,
                                   .place = query.number(6)});
  }
  return found;
}

}  // namespace

Async<Result<UpdateLog::Head>> SqliteUpdateLog::head(domain::ChannelKey channel, usecase::ReadFrom from) {
  auto work = [channel = std::move(channel)](Connection& connection) { return head_in(connection, channel); };
  co_return co_await runner_.run_readonly<Head>(from, std::move(work));
}

Async<Result<UpdateLog::Page>> SqliteUpdateLog::read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                                     std::size_t limit, usecase::Freshness wanted) {
  auto work = [channel = std::move(channel), span = Span{first, last, limit}](Connection& connection) {
    return read_in(connection, channel, span);
  };
  co_return co_await runner_.run_fresh<Page>(std::move(wanted), std::move(work));
}

Async<Result<UpdateLog::Listing>> SqliteUpdateLog::conversations(domain::CompanyId company, domain::UserId viewer,
                                                                 std::optional<ConversationMark> behind,
                                                                 std::size_t limit, usecase::Freshness wanted) {
  auto work = [company = std::move(company), viewer = std::move(viewer), behind = std::move(behind),
               limit](Connection& connection) { return conversations_in(connection, company, viewer, behind, limit); };
  co_return co_await runner_.run_fresh<Listing>(std::move(wanted), std::move(work));
}

Async<Result<domain::Position>> SqliteUpdateLog::position() {
  auto work = [](Connection& connection) {
    const ReadTransaction snapshot{connection};
    return read_position(connection);
  };
  co_return co_await runner_.run_readonly<domain::Position>(usecase::ReadFrom::master, std::move(work));
}

}  // namespace danwa::infra
