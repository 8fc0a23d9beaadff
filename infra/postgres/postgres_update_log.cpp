#include "infra/postgres/postgres_update_log.hpp"

#include <algorithm>

#include "infra/postgres/room_rows.hpp"
#include "infra/postgres/update_rows.hpp"

namespace danwa::infra::pg {
namespace {

using domain::Result;
using usecase::Async;
using usecase::UpdateLog;

constexpr const char* kChannelHead =
    "SELECT head FROM channels WHERE company = $1 AND kind = $2::smallint AND key = $3";

constexpr const char* kChannelExtent =
    "SELECT head, first_seq FROM channels WHERE company = $1 AND kind = $2::smallint AND key = $3";

constexpr const char* kUpdates =
    "SELECT seq, type, occurred_ms, subject_id, author, about, client_ref, content FROM updates "
    "WHERE channel_id = (SELECT id FROM channels WHERE company = $1 AND kind = $2::smallint AND key = $3) "
    "AND seq BETWEEN $4::bigint AND $5::bigint ORDER BY seq LIMIT $6::bigint";

constexpr const char* kConversations =
    "SELECT c.key, c.head, c.last_activity_ms, c.title, c.visibility, m.user_id IS NOT NULL, c.place "
    "FROM channels c LEFT JOIN members m ON m.channel_id = c.id AND m.user_id = $1 "
    "WHERE c.company = $2 AND c.kind = 0 AND c.head > 0 AND (c.visibility = 0 OR m.user_id IS NOT NULL) "
    "AND c.place_block <= $3::bigint >> 10 AND c.place < $3::bigint AND c.last_activity_ms < $4::bigint "
    "ORDER BY c.place_block DESC, c.place DESC LIMIT $5::bigint";

Values values_of(const domain::ChannelKey& channel) {
  return Values{}.add(channel.company.value()).add(static_cast<int>(channel.kind)).add(channel.key);
}

domain::Seq head_in(const Rows& rows) { return rows.empty() ? 0 : rows[0].number(0); }

UpdateLog::ConversationSummary read_summary(const Row& row) {
  return {.key = domain::ConversationKey::trusted(row.text(0)),
          .head = row.number(1),
          .last_activity = row.time(2),
          .title = read_title(row, 3),
          .visibility = read_visibility(row, 4),
          .member = row.truth(5),
          .place = row.number(6)};
}

}  // namespace

Async<Result<UpdateLog::Head>> PostgresUpdateLog::head(domain::ChannelKey channel, usecase::ReadFrom from) {
  Script queries;
  queries.add(kChannelHead, values_of(channel));
  auto decode = [](const Snapshot& found) -> Result<Head> { return Head{found.epoch(), head_in(found.rows(0))}; };
  co_return co_await runner_.read_from<Head>(from, std::move(queries), std::move(decode));
}

Async<Result<UpdateLog::Page>> PostgresUpdateLog::read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                                       std::size_t limit, usecase::Freshness wanted) {
  Script queries;
  queries.add(kChannelExtent, values_of(channel));
  Values values = values_of(channel);
  values.add(std::clamp<domain::Seq>(first, 1, domain::kMaxSeq)).add(std::min(last, domain::kMaxSeq)).add(limit);
  queries.add(kUpdates, std::move(values));
  auto decode = [channel = std::move(channel), first](const Snapshot& found) -> Result<Page> {
    Page page{.updates = {}, .head = head_in(found.rows(0)), .epoch = found.epoch()};
    if (!found.rows(0).empty()) page.oldest = found.rows(0)[0].number(1);
    if (std::max<domain::Seq>(first, 1) < page.oldest) return page;
    const Rows& rows = found.rows(1);
    for (std::size_t n = 0; n < rows.size(); ++n) page.updates.push_back(read_update(rows[n], channel));
    return page;
  };
  co_return co_await runner_.read_fresh<Page>(std::move(wanted), std::move(queries), std::move(decode));
}

Async<Result<UpdateLog::Listing>> PostgresUpdateLog::conversations(domain::CompanyId company, domain::UserId viewer,
                                                                   std::optional<ConversationMark> behind,
                                                                   std::size_t limit, usecase::Freshness wanted) {
  const ConversationMark mark = behind.value_or(ConversationMark{});
  Values values;
  values.add(viewer.value()).add(company.value()).add(mark.place.value_or(domain::kMaxSeq));
  values.add(mark.before.value_or(domain::Timestamp::max())).add(limit);
  Script queries;
  queries.add(kConversations, std::move(values));
  auto decode = [](const Snapshot& found) -> Result<Listing> {
    Listing listing;
    const Rows& rows = found.rows(0);
    for (std::size_t n = 0; n < rows.size(); ++n) listing.conversations.push_back(read_summary(rows[n]));
    return listing;
  };
  co_return co_await runner_.read_fresh<Listing>(std::move(wanted), std::move(queries), std::move(decode));
}

Async<Result<domain::Position>> PostgresUpdateLog::position() {
  auto decode = [](const Snapshot& found) -> Result<domain::Position> { return found.position(); };
  co_return co_await runner_.read<domain::Position>(Script{}, std::move(decode), true);
}

}  // namespace danwa::infra::pg
