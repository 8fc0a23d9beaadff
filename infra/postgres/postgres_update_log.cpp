#include "infra/postgres/postgres_update_log.hpp"

#include <algorithm>
#include <stdexcept>

#include "adapters/persistence/rows.hpp"
#include "adapters/persistence/sql.hpp"
#include "adapters/persistence/update_row.hpp"
#include "usecase/listing_page.hpp"

// Reads of the logs and of the list of conversations. Every read runs in one snapshot, so that a page and the head and
// epoch beside it belong together. The list is walked by place, newest first. If the viewer's credential shows only
// some ranges of keys and these hold few conversations, they are read as a whole instead, since a walk would pass many
// rows that the viewer may not see.

namespace danwa::infra::pg {
namespace {

using adapters::kSql;
using domain::ChannelKind;
using domain::Result;
using domain::Visibility;
using usecase::Async;
using usecase::ListingPage;
using usecase::UpdateLog;

constexpr const char* kChannelHead =
    "SELECT head FROM channels WHERE company = $1 AND kind = $2::smallint AND key = $3";

constexpr const char* kChannelExtent =
    "SELECT head, first_seq FROM channels WHERE company = $1 AND kind = $2::smallint AND key = $3";

// The server leaves out texts that certainly do not fit on the page. The exact limit is applied here.
constexpr const char* kUpdates =
    "SELECT seq, type, occurred_ms, subject_id, author, about, client_ref, content FROM ("
    "SELECT seq, type, occurred_ms, subject_id, author, about, client_ref, content, "
    "sum(octet_length(content)) OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before "
    "FROM updates "
    "WHERE channel_id = (SELECT id FROM channels WHERE company = $1 AND kind = $2::smallint AND key = $3) "
    "AND seq BETWEEN $4::bigint AND $5::bigint ORDER BY seq LIMIT $6::bigint) page "
    "WHERE coalesce(before, 0) <= $7::bigint ORDER BY seq";

// Of the rows that were looked at, those that the viewer may enter and the last one, which tells where to go on.
constexpr const char* kInOrder = kSql<
    "SELECT key, head, last_activity_ms, title, visibility, member, place, looked FROM ("
    "SELECT c.key, c.head, c.last_activity_ms, c.title, c.visibility, m.user_id IS NOT NULL AS member, c.place, "
    "row_number() OVER (ORDER BY c.place_block DESC, c.place DESC) AS looked "
    "FROM channels c LEFT JOIN members m ON m.channel_id = c.id AND m.user_id = $1 "
    "WHERE c.company = $2 AND c.kind = # AND c.place_block <= $3::bigint >> 10 AND c.place < $3::bigint "
    "ORDER BY c.place_block DESC, c.place DESC LIMIT $4::bigint) walked "
    "WHERE (head > 0 AND (visibility = # OR member)) OR looked = $4::bigint ORDER BY looked",
    ChannelKind::conversation, Visibility::open>;

constexpr const char* kInRanges = kSql<
    "SELECT c.key, c.head, c.last_activity_ms, c.title, c.visibility, m.user_id IS NOT NULL, c.place "
    "FROM unnest($3::text[], $4::text[]) AS r(first_key, end_key) "
    "JOIN channels c ON c.company = $2 AND c.kind = # AND c.key >= r.first_key AND c.key < r.end_key "
    "LEFT JOIN members m ON m.channel_id = c.id AND m.user_id = $1 LIMIT $5::bigint",
    ChannelKind::conversation>;

Values values_of(const domain::ChannelKey& channel) {
  return Values{}.add(channel.company.value()).add(static_cast<int>(channel.kind)).add(channel.key);
}

domain::Seq head_in(const Rows& rows) { return rows.empty() ? 0 : rows[0].number(0); }

[[noreturn]] void refuse_update(const char* what) { throw std::runtime_error{what}; }

Script listing_queries(const UpdateLog::ListingWish& wish) {
  Script queries;
  Values walk;
  walk.add(wish.viewer.value()).add(wish.company.value());
  walk.add(wish.behind && wish.behind->place ? *wish.behind->place : domain::kMaxSeq);
  queries.add(kInOrder, std::move(walk.add(ListingPage{wish}.most_walked())));
  if (!wish.shown) return queries;
  Array first;
  Array end;
  for (const auto& range : wish.shown->ranges()) first.add(range.first), end.add(range.end);
  Values ranges;
  ranges.add(wish.viewer.value()).add(wish.company.value()).add(first).add(end).add(ListingPage::kMostCounted + 1);
  queries.add(kInRanges, std::move(ranges));
  return queries;
}

UpdateLog::Listing read_listing(const Snapshot& found, const UpdateLog::ListingWish& wish) {
  ListingPage page{wish};
  if (wish.shown && found.rows(1).size() <= ListingPage::kMostCounted) {
    std::vector<UpdateLog::ConversationSummary> rows;
    for (std::size_t n = 0; n < found.rows(1).size(); ++n) rows.push_back(adapters::read_summary(found.rows(1)[n]));
    page.take_all(std::move(rows));
    return page.take();
  }
  const Rows& rows = found.rows(0);
  for (std::size_t n = 0; n < rows.size() && !page.ended(); ++n)
    page.look(rows[n].number(7), adapters::read_summary(rows[n]));
  return page.take();
}

}  // namespace

Async<Result<UpdateLog::Head>> PostgresUpdateLog::head(domain::ChannelKey channel, usecase::ReadFrom from) {
  Script queries;
  queries.add(kChannelHead, values_of(channel));
  auto decode = [](const Snapshot& found) -> Result<Head> { return Head{found.epoch(), head_in(found.rows(0))}; };
  co_return co_await runner_.read_fresh<Head>(from, std::move(queries), std::move(decode));
}

Async<Result<UpdateLog::Page>> PostgresUpdateLog::read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                                       usecase::PageSize size, usecase::Freshness wanted) {
  Script queries;
  queries.add(kChannelExtent, values_of(channel));
  Values values = values_of(channel);
  values.add(std::clamp<domain::Seq>(first, 1, domain::kMaxSeq)).add(std::min(last, domain::kMaxSeq));
  values.add(size.rows).add(size.text);
  queries.add(kUpdates, std::move(values));
  auto decode = [channel = std::move(channel), first, most = size.text](const Snapshot& found) -> Result<Page> {
    Page page{.updates = {}, .head = head_in(found.rows(0)), .epoch = found.epoch()};
    if (!found.rows(0).empty()) page.oldest = found.rows(0)[0].number(1);
    if (std::max<domain::Seq>(first, 1) < page.oldest) return page;
    const Rows& rows = found.rows(1);
    usecase::PageText text{most};
    for (std::size_t n = 0; n < rows.size(); ++n) {
      const Row row = rows[n];
      if (!text.admits({row.view(4), row.view(5), row.view(6), row.view(7)})) break;
      page.updates.push_back({channel, row.number(0), row.time(2), adapters::read_update_body(row, refuse_update)});
    }
    return page;
  };
  co_return co_await runner_.read_fresh<Page>(std::move(wanted), std::move(queries), std::move(decode));
}

Async<Result<UpdateLog::Listing>> PostgresUpdateLog::conversations(ListingWish wish, usecase::Freshness wanted) {
  auto queries = listing_queries(wish);
  auto decode = [wish = std::move(wish)](const Snapshot& found) -> Result<Listing> {
    return read_listing(found, wish);
  };
  co_return co_await runner_.read_fresh<Listing>(std::move(wanted), std::move(queries), std::move(decode));
}

Async<Result<domain::Position>> PostgresUpdateLog::position() {
  auto decode = [](const Snapshot& found) -> Result<domain::Position> { return found.position(); };
  co_return co_await runner_.read<domain::Position>(Script{}, std::move(decode), true);
}

}  // namespace danwa::infra::pg
