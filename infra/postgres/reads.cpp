#include <algorithm>
#include <string>

#include "adapters/persistence/rows.hpp"
#include "infra/postgres/database_runner.hpp"
#include "usecase/conversations.hpp"

// A read is a script of queries and a function that decodes the answers. The script runs in one snapshot and in one
// round trip. The server sends no text that certainly does not fit on the page; the exact limit, which counts all texts
// of a row, is applied when the page is filled.
//
// The list of conversations is walked by place, newest first. If the viewer's credential shows only some ranges of keys
// and these hold few conversations, they are read as a whole instead, since a walk would pass many rows that the viewer
// may not see.

namespace danwa::postgres {
namespace {

using adapters::kSql;
using adapters::UpdateType;
using domain::ChannelKind;
using domain::MemberRole;
using domain::Visibility;
using usecase::ListingPage;
using usecase::UpdateLog;

/// The conversation $1 (company), $2 (key) as the user $3 sees it.
constexpr const char* kView = kSql<
    "SELECT head, title, visibility, "
    "(SELECT role FROM members WHERE channel_id = channels.id AND user_id = $3), "
    "EXISTS(SELECT 1 FROM members WHERE channel_id = channels.id AND role = #) "
    "FROM channels WHERE company = $1 AND kind = # AND key = $2",
    MemberRole::owner, ChannelKind::conversation>;

constexpr const char* kMembersPage = kSql<
    "SELECT user_id, role, joined_ms, seq FROM members "
    "WHERE channel_id = (SELECT id FROM channels WHERE company = $1 AND kind = # AND key = $2) AND user_id > $3 "
    "ORDER BY user_id LIMIT $4::bigint",
    ChannelKind::conversation>;

Values view_values(const domain::ChannelKey& channel, const domain::UserId& user) {
  return Values{}.add(channel.company.value()).add(channel.key).add(user.value());
}

/// Decodes the answer to kView, which is the first query.
domain::ConversationView read_view(const Snapshot& found, const domain::ChannelKey& channel) {
  const Rows& rows = found.rows(0);
  auto view = rows.empty() ? adapters::no_view(channel) : adapters::read_view(rows[0], channel);
  view.epoch = found.epoch();
  return view;
}

constexpr const char* kFindComment =
    "SELECT c.key, o.id, o.author, o.content, o.client_ref, o.seq, o.version, o.created_ms, o.updated_ms "
    "FROM comments o JOIN channels c ON c.id = o.channel_id "
    "WHERE o.id = $1::uuid AND o.company = $2 AND NOT o.removed";

// Walks the channel's log by its index, and reads only the rows of comments that still exist (type 0).
std::string page_of_comments(const std::string& order) {
  return "SELECT $2, id, author, content, client_ref, seq, version, created_ms, updated_ms FROM ("
         "SELECT o.id, o.author, o.content, o.client_ref, u.seq, o.version, o.created_ms, o.updated_ms, "
         "sum(octet_length(o.content)) OVER (ORDER BY u.seq " +
         order +
         " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before "
         "FROM updates u JOIN comments o ON o.id = u.subject_id " +
         kSql<
             "WHERE u.channel_id = (SELECT id FROM channels WHERE company = $1 AND kind = # AND key = $2) "
             "AND u.type = # "
             "AND u.seq >= (SELECT first_seq FROM channels WHERE company = $1 AND kind = # AND key = $2) "
             "AND u.seq > $3::bigint AND u.seq < $4::bigint ORDER BY u.seq ",
             ChannelKind::conversation, UpdateType::added, ChannelKind::conversation> +
         order + " LIMIT $5::bigint) page WHERE coalesce(before, 0) <= $6::bigint ORDER BY seq " + order;
}

/// The statement lives as long as the program, because connections know a statement by its address.
const char* page_statement(bool oldest_first) {
  static const std::string newest = page_of_comments("DESC");
  static const std::string oldest = page_of_comments("ASC");
  return (oldest_first ? oldest : newest).c_str();
}

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

// Returns the walked rows that the viewer may enter, and the last walked one, from which the next page continues.
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

Script listing_queries(const UpdateLog::ListingRequest& request) {
  Script queries;
  Values walk;
  walk.add(request.viewer.value()).add(request.company.value());
  walk.add(request.behind && request.behind->place ? *request.behind->place : domain::kMaxSeq);
  queries.add(kInOrder, std::move(walk.add(ListingPage{request}.most_walked())));
  if (!request.shown) return queries;
  Array first;
  Array end;
  for (const auto& range : request.shown->ranges()) first.add(range.first), end.add(range.end);
  Values ranges;
  ranges.add(request.viewer.value()).add(request.company.value()).add(first).add(end);
  queries.add(kInRanges, std::move(ranges.add(ListingPage::kMostCounted + 1)));
  return queries;
}

UpdateLog::Listing read_listing(const Snapshot& found, const UpdateLog::ListingRequest& request) {
  ListingPage page{request};
  if (request.shown && found.rows(1).size() <= ListingPage::kMostCounted) {
    std::vector<UpdateLog::ConversationSummary> rows;
    for (std::size_t n = 0; n < found.rows(1).size(); ++n) rows.push_back(adapters::read_summary(found.rows(1)[n]));
    page.take_all(std::move(rows));
    return page.take();
  }
  found.rows(0).each([&page](const Row& row) {
    page.look(row.number(7), adapters::read_summary(row));
    return !page.ended();
  });
  return page.take();
}

}  // namespace

Plan<std::optional<domain::Comment>> plan(storage::FindComment read) {
  Script queries;
  queries.add(kFindComment, Values{}.add(read.id.value).add(read.company.value()));
  return {std::move(queries), [read = std::move(read)](const Snapshot& found) -> std::optional<domain::Comment> {
            if (found.rows(0).empty()) return std::nullopt;
            return adapters::read_comment(found.rows(0)[0], read.company);
          }};
}

Plan<usecase::CommentRepository::Page> plan(storage::ListComments read) {
  const auto& range = read.range;
  Script queries;
  queries.add(kChannelHead, values_of(read.channel));
  Values values;
  values.add(read.channel.company.value()).add(read.channel.key).add(range.after.value_or(0));
  values.add(std::min(range.before.value_or(domain::kMaxSeq), domain::kMaxSeq)).add(range.limit + 1);
  values.add(usecase::PageSize::kText);
  queries.add(page_statement(range.after.has_value()), std::move(values));
  return {std::move(queries), [read = std::move(read)](const Snapshot& found) {
            usecase::CommentRepository::Page page{
                .comments = {}, .head = head_in(found.rows(0)), .epoch = found.epoch()};
            read.fill(page, found.rows(1));
            return page;
          }};
}

Plan<domain::ConversationView> plan(storage::ViewConversation read) {
  Script queries;
  queries.add(kView, view_values(read.channel, read.user));
  return {std::move(queries),
          [read = std::move(read)](const Snapshot& found) { return read_view(found, read.channel); }};
}

Plan<usecase::ConversationRepository::Members> plan(storage::ListMembers read) {
  Script queries;
  queries.add(kView, view_values(read.channel, read.viewer));
  Values values;
  values.add(read.channel.company.value()).add(read.channel.key).add(read.after).add(read.limit + 1);
  queries.add(kMembersPage, std::move(values));
  return {std::move(queries), [read = std::move(read)](const Snapshot& found) {
            usecase::ConversationRepository::Members page{.members = {}, .view = read_view(found, read.channel)};
            read.fill(page, found.rows(1));
            return page;
          }};
}

Plan<UpdateLog::Heads> plan(storage::FindHeads read) {
  Script queries;
  for (const auto& channel : read.channels) queries.add(kChannelHead, values_of(channel));
  return {std::move(queries), [count = read.channels.size()](const Snapshot& found) {
            UpdateLog::Heads heads{found.epoch(), {}};
            for (std::size_t i = 0; i < count; ++i) heads.seqs.push_back(head_in(found.rows(i)));
            return heads;
          }};
}

Plan<UpdateLog::Page> plan(storage::ReadUpdates read) {
  Script queries;
  queries.add(kChannelExtent, values_of(read.channel));
  Values values = values_of(read.channel);
  values.add(std::clamp<domain::Seq>(read.first, 1, domain::kMaxSeq)).add(std::min(read.last, domain::kMaxSeq));
  values.add(read.size.rows).add(read.size.text);
  queries.add(kUpdates, std::move(values));
  return {std::move(queries), [read = std::move(read)](const Snapshot& found) {
            UpdateLog::Page page{.updates = {}, .head = head_in(found.rows(0)), .epoch = found.epoch()};
            if (!found.rows(0).empty()) page.oldest = found.rows(0)[0].number(1);
            if (std::max<domain::Seq>(read.first, 1) >= page.oldest) read.fill(page, found.rows(1));
            return page;
          }};
}

Plan<UpdateLog::Listing> plan(storage::ListConversations read) {
  auto queries = listing_queries(read);
  return {std::move(queries), [read = std::move(read)](const Snapshot& found) { return read_listing(found, read); }};
}

}  // namespace danwa::postgres
