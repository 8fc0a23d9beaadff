#include "infra/sqlite/sqlite_update_log.hpp"

#include <algorithm>

#include "adapters/persistence/sql.hpp"
#include "infra/sqlite/rows.hpp"
#include "usecase/listing_page.hpp"

// Reads of the logs and of the list of conversations. Every read runs in one snapshot, so that a page and the head and
// epoch beside it belong together. The list is walked by place, newest first. If the viewer's credential shows only
// some ranges of keys and these hold few conversations, they are read as a whole instead, since a walk would pass many
// rows that the viewer may not see.

namespace danwa::infra {
namespace {

using adapters::kSql;
using domain::ChannelKind;
using domain::Result;
using usecase::Async;
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

/// All conversations in the shown ranges of keys; nothing if they are too many.
std::optional<std::vector<UpdateLog::ConversationSummary>> shown_in(Connection& connection,
                                                                    const UpdateLog::ListingWish& wish) {
  std::vector<UpdateLog::ConversationSummary> rows;
  for (const auto& range : wish.shown->ranges()) {
    Query query{connection, kInRange};
    query.bind(wish.viewer.value()).bind(wish.company.value()).bind(range.first).bind(range.end);
    query.bind(static_cast<std::uint64_t>(ListingPage::kMostCounted + 1 - rows.size()));
    while (query.step()) rows.push_back(adapters::read_summary(query));
    if (rows.size() > ListingPage::kMostCounted) return std::nullopt;
  }
  return rows;
}

UpdateLog::Listing conversations_in(Connection& connection, const UpdateLog::ListingWish& wish) {
  ListingPage page{wish};
  if (wish.shown) {
    if (auto rows = shown_in(connection, wish)) {
      page.take_all(std::move(*rows));
      return page.take();
    }
  }
  const auto place = wish.behind && wish.behind->place ? *wish.behind->place : domain::kMaxSeq;
  Query query{connection, kInOrder};
  query.bind(wish.viewer.value()).bind(wish.company.value()).bind(place >> kPlaceBlockBits).bind(place);
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

Async<Result<UpdateLog::Listing>> SqliteUpdateLog::conversations(ListingWish wish, usecase::Freshness wanted) {
  auto work = [wish = std::move(wish)](Connection& connection) { return conversations_in(connection, wish); };
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
