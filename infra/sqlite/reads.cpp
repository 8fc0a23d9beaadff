#include <algorithm>

#include "adapters/persistence/rows.hpp"
#include "infra/sqlite/database_runner.hpp"
#include "infra/sqlite/rows.hpp"
#include "usecase/conversations.hpp"

// Comments are found through the log of their channel: its index is there anyway, and a second one would double the
// bytes of a commit.
//
// The list of conversations is walked by place, newest first. If the viewer's credential shows only some ranges of keys
// and these hold few conversations, they are read as a whole instead, since a walk would pass many rows that the viewer
// may not see.

namespace danwa::sqlite {
namespace {

using adapters::kSql;
using adapters::UpdateType;
using domain::ChannelKind;
using usecase::ListingPage;
using usecase::UpdateLog;

// Walks the channel's log by its index, and reads only the rows of comments that still exist (type 0).
constexpr const char* kNewest = kSql<
    "SELECT ?, id, comments.author, comments.content, comments.client_ref, updates.seq, version, created_ms, "
    "updated_ms FROM updates CROSS JOIN comments ON comments.id = subject_id "
    "WHERE updates.channel_id = ? AND type = # AND updates.seq > ? AND updates.seq < ? "
    "ORDER BY updates.seq DESC LIMIT ?",
    UpdateType::added>;
constexpr const char* kOldest = kSql<
    "SELECT ?, id, comments.author, comments.content, comments.client_ref, updates.seq, version, created_ms, "
    "updated_ms FROM updates CROSS JOIN comments ON comments.id = subject_id "
    "WHERE updates.channel_id = ? AND type = # AND updates.seq > ? AND updates.seq < ? "
    "ORDER BY updates.seq LIMIT ?",
    UpdateType::added>;

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

}  // namespace

std::optional<domain::Comment> answer(Connection& connection, const storage::FindComment& read) {
  return find_comment(connection, read.company, read.id);
}

usecase::CommentRepository::Page answer(Connection& connection, const storage::ListComments& read) {
  usecase::CommentRepository::Page page{.comments = {}, .epoch = read_epoch(connection)};
  const auto row = find_channel(connection, read.channel);
  if (!row) return page;
  page.head = row->head;
  const auto& range = read.range;
  Query query{connection, range.after ? kOldest : kNewest};
  query.bind(read.channel.key).bind(row->id).bind(range.after.value_or(0));
  query.bind(std::min(range.before.value_or(domain::kMaxSeq), domain::kMaxSeq));
  query.bind(static_cast<std::uint64_t>(range.limit + 1));
  read.fill(page, query);
  return page;
}

domain::ConversationView answer(Connection& connection, const storage::ViewConversation& read) {
  return read_view(connection, read.channel, read.user);
}

usecase::ConversationRepository::Members answer(Connection& connection, const storage::ListMembers& read) {
  usecase::ConversationRepository::Members page{.members = {},
                                                .view = read_view(connection, read.channel, read.viewer)};
  const auto row = find_channel(connection, read.channel);
  if (!row) return page;
  Query query{connection,
              "SELECT user, role, joined_ms, seq FROM members WHERE channel_id = ? AND user > ? ORDER BY user LIMIT ?"};
  query.bind(row->id).bind(read.after).bind(static_cast<std::uint64_t>(read.limit + 1));
  read.fill(page, query);
  return page;
}

UpdateLog::Heads answer(Connection& connection, const storage::FindHeads& read) {
  UpdateLog::Heads heads{read_epoch(connection), {}};
  heads.seqs.reserve(read.channels.size());
  for (const auto& channel : read.channels) {
    const auto row = find_channel(connection, channel);
    heads.seqs.push_back(row ? row->head : 0);
  }
  return heads;
}

UpdateLog::Page answer(Connection& connection, const storage::ReadUpdates& read) {
  UpdateLog::Page page{.updates = {}, .head = 0, .epoch = read_epoch(connection)};
  const auto row = find_channel(connection, read.channel);
  if (!row) return page;
  page.head = row->head;
  Query query{connection,
              "SELECT seq, type, occurred_ms, subject_id, author, about, client_ref, content FROM updates "
              "WHERE channel_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"};
  query.bind(row->id).bind(std::max<domain::Seq>(read.first, 1)).bind(std::min(read.last, domain::kMaxSeq));
  query.bind(static_cast<std::uint64_t>(read.size.rows));
  read.fill(page, query);
  return page;
}

UpdateLog::Listing answer(Connection& connection, const storage::ListConversations& read) {
  ListingPage page{read};
  if (read.shown) {
    if (auto rows = shown_in(connection, read)) {
      page.take_all(std::move(*rows));
      return page.take();
    }
  }
  const auto place = read.behind && read.behind->place ? *read.behind->place : domain::kMaxSeq;
  Query query{connection, kInOrder};
  query.bind(read.viewer.value()).bind(read.company.value()).bind(place >> kPlaceBlockBits).bind(place);
  query.bind(static_cast<std::uint64_t>(page.most_walked()));
  for (std::size_t looked = 1; !page.ended() && query.step(); ++looked)
    page.look(looked, adapters::read_summary(query));
  return page.take();
}

}  // namespace danwa::sqlite
